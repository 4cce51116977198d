"""Reading a family as a whole."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from pytest_metr.collect import content_hash, looks_like_family, read_family
from pytest_metr.errors import UsageMistake
from pytest_metr.types import TaskSpec

from .families import CODE, make_family


def test_a_family_knows_its_name_place_hash_and_tasks(tmp_path: Path) -> None:
    folder = make_family(tmp_path, manifest="version: 1.0\ntasks:\n  beta:\n  alpha: {meta: {human_minutes: 3}}\n")
    family = read_family(folder)
    assert (family.name, family.dir, family.hash) == ("reverse_hash", folder.resolve(), content_hash(folder))
    assert family.manifest_tasks == ("alpha", "beta")
    task = family.task("alpha")
    assert task.id == "reverse_hash/alpha"
    assert (task.version, task.human_minutes, task.bracket) == ("1.0", 3.0, "few_minutes")
    assert (task.family_dir, task.family_hash) == (str(folder.resolve()), family.hash)
    assert TaskSpec.from_json(task.to_json()) == task


@pytest.mark.parametrize("manifest", [None, "version: 1.0\n", "tasks:\n", "tasks: {}\n"])
def test_a_family_whose_manifest_names_no_tasks_says_so(tmp_path: Path, manifest: str | None) -> None:
    family = read_family(make_family(tmp_path, manifest=manifest))
    assert family.manifest_tasks is None
    assert family.task("any name [at] all").success_threshold == 0.9


def test_nothing_of_a_family_is_imported(tmp_path: Path) -> None:
    folder = make_family(tmp_path, code=CODE + "raise SystemExit('imported')\n")
    before = set(sys.modules)
    assert looks_like_family(folder)
    assert read_family(folder).name == "reverse_hash"
    assert {name for name in set(sys.modules) - before if "reverse" in name} == set()


def test_a_relative_path_and_a_link_lead_to_the_same_family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_family(tmp_path / "real")
    (tmp_path / "linked").symlink_to("real")
    monkeypatch.chdir(folder)
    assert read_family(Path()) == read_family(folder) == read_family(tmp_path / "linked" / "reverse_hash")


@pytest.mark.parametrize("name", ["plain", "with-dash", "test_like", "_x", "9lives", "CamelCase"])
def test_names_of_letters_digits_underscores_and_dashes_are_good(tmp_path: Path, name: str) -> None:
    assert read_family(make_family(tmp_path, name)).name == name


@pytest.mark.parametrize("name", ["a.b", "a b", "-x", "größe", "a:b", "a[b]", "a'b"])
def test_other_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageMistake, match="expected a folder name of ASCII letters, digits, _ and - alone"):
        read_family(make_family(tmp_path, name))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (None, "reverse_hash: expected the file reverse_hash.py, which defines class TaskFamily, found none"),
        ("x = 1\n", "reverse_hash.py: expected class TaskFamily at the top level, found none"),
        ("class TaskFamily:\n    def x(:\n", "reverse_hash.py: line 2: expected valid Python 3."),
        ("x = '''\n", "reverse_hash.py: line 1: expected valid Python 3."),
        ("TaskFamily = " + "-" * 100_000 + "1", "reverse_hash.py: "),
        ("\0", "reverse_hash.py: "),
    ],
)
def test_a_broken_module_is_told_in_one_line(tmp_path: Path, code: str | None, said: str) -> None:
    folder = make_family(tmp_path, code=code, manifest="tasks: {main: {}}\n")
    assert looks_like_family(folder)
    with pytest.raises(UsageMistake) as caught:
        read_family(folder)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_star_import_may_bring_the_class(tmp_path: Path) -> None:
    folder = make_family(tmp_path, code="from common import *\n", manifest="tasks: {main: {}}\n")
    assert read_family(folder).manifest_tasks == ("main",)


def test_a_mistake_in_the_manifest_names_the_file_in_the_folder(tmp_path: Path) -> None:
    folder = make_family(tmp_path, manifest="tasks: {main: {meta: {split: train}}}\n")
    with pytest.raises(UsageMistake) as caught:
        read_family(folder)
    assert caught.value.file == str(folder / "manifest.yaml")
    assert caught.value.key == "tasks.main.meta.split"


@pytest.mark.parametrize("name", ["manifest.yaml", "reverse_hash.py"])
def test_files_that_are_links_out_of_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    folder = make_family(tmp_path, manifest="tasks: {main: {}}\n")
    shutil.move(folder / name, tmp_path / "elsewhere")
    (folder / name).symlink_to("../elsewhere")
    with pytest.raises(UsageMistake, match=f"{name}: expected a file in the family's folder, found a link out of it"):
        read_family(folder)


def test_files_that_are_links_within_the_folder_are_good(tmp_path: Path) -> None:
    folder = make_family(tmp_path)
    shutil.move(folder / "reverse_hash.py", folder / "code.py")
    (folder / "reverse_hash.py").symlink_to("code.py")
    assert read_family(folder).name == "reverse_hash"


@pytest.mark.parametrize("name", ["manifest.yaml", "reverse_hash.py"])
def test_files_that_are_no_files_are_refused(tmp_path: Path, name: str) -> None:
    folder = make_family(tmp_path, code=None)
    (folder / "reverse_hash.py").write_text(CODE)
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    with pytest.raises(UsageMistake, match=f"{name}: expected a regular file"):
        read_family(folder)
    (folder / name).unlink()
    (folder / name).symlink_to(name)
    with pytest.raises(UsageMistake, match=f"{name}: cannot be read: Too many levels of symbolic links"):
        read_family(folder)


@pytest.mark.parametrize("target", [".", "..", "../..", "../../reverse_hash/assets"])
def test_a_link_to_a_folder_that_holds_it_is_refused(tmp_path: Path, target: str) -> None:
    folder = make_family(tmp_path)
    (folder / "assets").mkdir()
    (folder / "assets" / "loop").symlink_to(target)
    with pytest.raises(UsageMistake, match=r"loop: expected no symbolic link to a folder that holds the link"):
        read_family(folder)


def test_links_that_lead_in_a_circle_are_refused(tmp_path: Path) -> None:
    folder = make_family(tmp_path)
    (folder / "a").symlink_to("b")
    (folder / "b").symlink_to("a")
    with pytest.raises(UsageMistake, match=r"a: expected no symbolic link that leads in a circle"):
        read_family(folder)


@pytest.mark.parametrize("target", ["gone", "/", "/home/agent/data", "../../sibling", "/etc/hostname/x", "x" * 300])
def test_links_that_may_be_good_in_the_sandbox_are_let_be(tmp_path: Path, target: str) -> None:
    folder = make_family(tmp_path)
    (folder / "link").symlink_to(target)
    assert read_family(folder).hash == content_hash(folder)


def test_links_in_what_is_not_copied_do_not_matter(tmp_path: Path) -> None:
    folder = make_family(tmp_path)
    (folder / "solution").mkdir()
    (folder / "solution" / "loop").symlink_to(".")
    assert read_family(folder).name == "reverse_hash"


def test_a_folder_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageMistake, match=r"gone: expected the file gone\.py"):
        read_family(tmp_path / "gone")
