"""``pytest-metr tasks``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.commands.command import Command

SOURCE = "raise SystemExit('imported')\nclass TaskFamily: ...\n"
TASKS: dict[str, dict[str, Any]] = {
    "short": {"meta": {"human_minutes": 3, "split": "dev", "domains": ["cybersecurity"], "quality": "read twice"}},
    "long": {
        "version": "2.10",
        "meta": {"human_minutes": 90, "needs": ["apt"], "quality": {"a": 1, "b": 2}},
        "resources": {"memory_gb": 4, "gpu": {"count_range": [1, 2]}},
    },
    "unknown": {},
}


def family(folder: Path, name: str, manifest: dict[str, Any] | None = None) -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / f"{name}.py").write_text(SOURCE, encoding="utf-8")
    if manifest is not None:
        (folder / name / "manifest.yaml").write_text(yaml.safe_dump(manifest), encoding="utf-8")


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """Three tasks of one family, and a family that must be asked for its tasks."""
    family(tmp_path / "tasks", "hashes", {"version": "1.0", "tasks": TASKS})
    family(tmp_path / "tasks" / "deeper", "unnamed")
    return tmp_path / "tasks"


def test_the_table_has_what_the_manifests_say(command: Command, suite: Path) -> None:
    said = command("tasks", suite)
    assert (said.status, said.err) == (0, "")
    assert [" ".join(line.split()) for line in said.out.splitlines()] == [
        "task minutes bracket split domains quality version needs",
        "hashes/long 90 few_hours - - 2 notes 2.10 apt, 4 GB of memory, a GPU",
        "hashes/short 3 few_minutes dev cybersecurity read twice 1.0 -",
        "hashes/unknown - - - - - 1.0 -",
        "",
        "bracket tasks",
        "few_minutes 1",
        "few_hours 1",
        "unknown 1",
        "all 3",
        "",
        f"no named tasks: {suite / 'deeper' / 'unnamed'} (only get_tasks knows them)",
    ]


def test_the_json_has_all_of_it(command: Command, suite: Path) -> None:
    document = command("tasks", suite, "--json").json("tasks")
    assert [task["task_id"] for task in document["tasks"]] == ["hashes/long", "hashes/short", "hashes/unknown"]
    assert document["tasks"][0]["quality"] == {"a": 1, "b": 2}
    assert document["brackets"] == [
        {"bracket": "few_minutes", "tasks": 1},
        {"bracket": "few_hours", "tasks": 1},
        {"bracket": None, "tasks": 1},
    ]
    assert document["unnamed"] == [str(suite / "deeper" / "unnamed")]


def test_a_broken_family_is_told_and_makes_the_status_1(command: Command, suite: Path) -> None:
    family(suite, "bad", {"tasks": {"a": {"meta": {"split": "both"}}}})
    said = command("tasks", suite)
    assert said.status == 1
    assert f"broken: {suite / 'bad' / 'manifest.yaml'}: tasks.a.meta.split: expected" in said.out
    document = command("tasks", suite, "--json")
    assert document.status == 1
    assert document.json("tasks")["broken"][0]["folder"] == str(suite / "bad")


def test_one_family_may_be_named_and_none_counts_twice(command: Command, suite: Path) -> None:
    document = command("tasks", suite / "hashes", suite, "--json").json("tasks")
    assert len(document["tasks"]) == 3


def test_the_default_is_the_folder_tasks(command: Command, suite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(suite.parent)
    assert len(command("tasks", "--json").json("tasks")["tasks"]) == 3
    monkeypatch.chdir("/")
    assert command.refuses("tasks") == "tasks: expected a folder with task families"


def test_a_folder_without_families_says_so(command: Command, tmp_path: Path) -> None:
    assert command("tasks", tmp_path).out == "no families\n"


MARKED = "# Tasks\n\n<!-- tasks: made by pytest-metr tasks --update -->\nold\n<!-- /tasks -->\n\nMore.\n"
TABLES = """\
| bracket | cybersecurity | all |
| --- | ---: | ---: |
| few_minutes | 1 | 1 |
| few_hours | 0 | 1 |
| all | 1 | 3 |

| task | what is to be done | minutes | domain | split | score | instance | sandbox | quality |
| --- | --- | ---: | --- | --- | --- | --- | --- | --- |
| hashes/unknown |  |  |  |  |  | fixed | any |  |
| hashes/short | find \\| it | 3 | cybersecurity | dev | exact | fixed | any | read twice |
| hashes/long |  | 90 |  |  |  | fixed | apt, 4 GB of memory, a GPU |  |
"""


@pytest.fixture
def titled(tmp_path: Path) -> Path:
    """A suite whose readers are told what is to be done."""
    short: dict[str, Any] = {"meta": {**TASKS["short"]["meta"], "title": "find | it", "scoring": "exact"}}
    family(tmp_path / "tasks", "hashes", {"version": "1.0", "tasks": {**TASKS, "short": short}})
    return tmp_path / "tasks"


def test_the_tables_of_a_readme(command: Command, titled: Path) -> None:
    assert command("tasks", titled, "--markdown").out == TABLES


def test_a_readme_is_kept_up_to_date(command: Command, titled: Path) -> None:
    readme = titled / "README.md"
    readme.write_text(MARKED, encoding="utf-8")
    said = command("tasks", titled, "--check", readme)
    assert said.status == 1
    assert said.out == f"{readme}: expected the tasks as they are now (pytest-metr tasks --update {readme})\n"
    assert command("tasks", titled, "--update", readme).status == 0
    text = readme.read_text(encoding="utf-8")
    assert text.startswith("# Tasks\n\n<!-- tasks:")
    assert text.endswith("<!-- /tasks -->\n\nMore.\n")
    assert "| [hashes](hashes/README.md)/short |" in text
    assert "old" not in text
    assert command("tasks", titled, "--check", readme).status == 0
    family(titled, "more", {"tasks": {"one": {}}})
    assert command("tasks", titled, "--check", readme).status == 1


def test_a_readme_without_a_place_for_the_tables(command: Command, titled: Path) -> None:
    readme = titled / "README.md"
    assert command.refuses("tasks", titled, "--update", readme) == f"{readme}: expected a file"
    readme.write_text("# Tasks\n", encoding="utf-8")
    assert "expected the lines <!-- tasks:" in command.refuses("tasks", titled, "--check", readme)
