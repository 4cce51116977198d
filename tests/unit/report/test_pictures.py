"""Pictures as files: their formats, that they are always the same, and what cannot be drawn."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from pytest_metr.errors import UsageMistake
from pytest_metr.report import draw_brackets, draw_horizon, draw_overview

from .results import HOSTILE_NAMES, all_failures, make_agent, make_result

matplotlib = pytest.importorskip("matplotlib", reason="pictures need the extra `report`")


def test_an_svg_file_is_xml_without_a_date_and_the_same_every_time(tmp_path: Path) -> None:
    result = make_result(make_agent("one"), all_failures())
    first, second = tmp_path / "first.svg", tmp_path / "second.svg"
    draw_overview(result, first)
    draw_overview(result, second)
    assert first.read_bytes() == second.read_bytes()
    assert ElementTree.parse(first).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert b"dc:date" not in first.read_bytes()
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["first.svg", "second.svg"]


def test_a_png_file_is_the_same_every_time(tmp_path: Path) -> None:
    result = make_result(make_agent("one"))
    first, second = tmp_path / "first.png", tmp_path / "SECOND.PNG"
    draw_brackets(result, first)
    draw_brackets(result, second)
    assert first.read_bytes().startswith(b"\x89PNG\r\n")
    assert first.read_bytes() == second.read_bytes()


def test_the_folder_of_a_picture_is_made(tmp_path: Path) -> None:
    draw_brackets(make_result(make_agent("one")), tmp_path / "new" / "brackets.svg")
    assert (tmp_path / "new" / "brackets.svg").stat().st_size > 0


def test_the_style_of_a_caller_neither_counts_nor_changes(tmp_path: Path) -> None:
    plain, styled = tmp_path / "plain.svg", tmp_path / "styled.svg"
    result = make_result(make_agent("$x_1$"))
    draw_overview(result, plain)
    own = {"font.size": 30, "axes.facecolor": "black", "text.usetex": True, "lines.linewidth": 9, "svg.hashsalt": "x"}
    with matplotlib.rc_context(own):
        before = dict(matplotlib.rcParams)
        draw_overview(result, styled)
        assert dict(matplotlib.rcParams) == before
    assert plain.read_bytes() == styled.read_bytes()


def test_hostile_names_of_agents_leave_a_file_whole(tmp_path: Path) -> None:
    file = tmp_path / "hostile.svg"
    draw_overview(make_result(*map(make_agent, HOSTILE_NAMES)), file)
    text = "".join(ElementTree.parse(file).getroot().itertext())
    assert "script" not in text


def test_only_the_agents_that_are_asked_for_are_drawn_and_in_that_order(tmp_path: Path) -> None:
    result = make_result(make_agent("one"), make_agent("two"), make_agent("three"))
    file = tmp_path / "some.svg"
    draw_horizon(result, file, agents=["three", "one"])
    # Letters are drawn as shapes, so that they look the same everywhere; what they spell is in comments.
    names = [name for name in file.read_text(encoding="utf-8").split() if name in ("one", "two", "three")]
    assert names == ["three", "one"]


@pytest.mark.parametrize("name", ["picture", "picture.pdf", "picture.svg.gz"])
def test_a_file_of_another_kind_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageMistake, match=r"expected a name that ends in \.svg or \.png"):
        draw_overview(make_result(make_agent()), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_an_agent_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageMistake, match=r"expected agents of the result \(one, two\), found three"):
        draw_horizon(make_result(make_agent("one"), make_agent("two")), Path("x.svg"), agents=["one", "three"])


def test_a_result_without_agents_is_refused() -> None:
    with pytest.raises(UsageMistake, match="at least one agent"):
        draw_overview(make_result(), Path("x.svg"))


def test_a_file_that_cannot_be_written_is_a_persons_mistake(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageMistake, match=r"x\.svg: the picture cannot be written: "):
        draw_brackets(make_result(make_agent()), tmp_path / "file" / "x.svg")


def test_without_matplotlib_it_is_said_what_to_install(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from pathlib import Path\n"
        "from pytest_metr.errors import UsageMistake\n"
        "from pytest_metr.report import draw_overview\n"
        "from tests.unit.report.results import make_agent, make_result\n"
        "try:\n"
        "    draw_overview(make_result(make_agent()), Path('x.svg'))\n"
        "except UsageMistake as mistake:\n"
        "    print(mistake.message)\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "pictures need the extra `report`: pip install 'pytest-metr[report]'\n"


def test_matplotlib_is_imported_when_something_is_drawn_and_not_before() -> None:
    program = "import sys, pytest_metr.report; print('matplotlib' in sys.modules, 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"
