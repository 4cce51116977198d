"""``pytest-metr new-family`` and ``pytest-metr reseed``."""

from __future__ import annotations

from pathlib import Path

import yaml

from pytest_metr.collect import content_hash
from tests.unit.commands.command import Command


def test_a_new_family_is_complete_and_its_own(command: Command, tmp_path: Path) -> None:
    said = command("new-family", "odd_sum", "--in", tmp_path / "tasks", "--domain", "research")
    assert said.status == 0
    assert said.out.splitlines()[0].startswith(f"{tmp_path / 'tasks' / 'odd_sum'} is a family that works.")
    assert command("new-family", "even_sum", "--in", tmp_path / "tasks").status == 0
    first, second = (tmp_path / "tasks" / name for name in ("odd_sum", "even_sum"))
    assert {path.name for path in first.iterdir()} == {
        "README.md",
        "controls",
        "manifest.yaml",
        "odd_sum.py",
        "odd_sum_test.py",
        "seed.txt",
        "solution",
    }
    meta = yaml.safe_load((first / "manifest.yaml").read_text(encoding="utf-8"))["meta"]
    assert meta["domains"] == ["research"]
    assert meta["canary"].startswith("odd_sum canary GUID ")
    assert not [path for path in first.rglob("*") if path.is_file() and "$" in path.read_text(encoding="utf-8")]
    for name in ("seed.txt", "manifest.yaml"):
        assert (first / name).read_bytes() != (second / name).read_bytes()
    # What lint finds in it needs no sandbox but for the instructions.
    assert command("lint", tmp_path / "tasks", "--no-sandbox").status == 0


def test_nothing_is_overwritten(command: Command, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    assert command.refuses("new-family", "mine", "--in", tmp_path) == f"{tmp_path / 'mine'}: expected nothing there yet"


def test_a_name_must_be_one_that_python_can_import(command: Command, tmp_path: Path) -> None:
    for name in ("odd-sum", "1st", "../x", "größe"):
        assert command.refuses("new-family", name, "--in", tmp_path).startswith("NAME: expected a name that Python can")


def test_another_seed_is_another_version(command: Command, tmp_path: Path) -> None:
    command("new-family", "odd_sum", "--in", tmp_path)
    family = tmp_path / "odd_sum"
    before, seed = content_hash(family), (family / "seed.txt").read_text(encoding="utf-8").strip()
    remarks = [line for line in (family / "manifest.yaml").read_text(encoding="utf-8").splitlines() if "#" in line]
    said = command("reseed", family, "--seed", "7")
    assert said.out.splitlines() == [
        f"{family / 'seed.txt'}: {seed} -> 7",
        f"{family / 'manifest.yaml'}: 2 versions raised",
    ]
    assert (family / "seed.txt").read_text(encoding="utf-8") == "7\n"
    text = (family / "manifest.yaml").read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    assert (document["version"], document["tasks"]["main"]["version"]) == ("1.0.1", "1.0.1")
    assert document["standard_version"] == "0.5.0"
    assert [line for line in text.splitlines() if "#" in line] == remarks
    assert content_hash(family) != before
    command("reseed", family)
    assert (family / "seed.txt").read_text(encoding="utf-8") != "7\n"


def test_only_a_seeded_family_has_other_instances(command: Command, tmp_path: Path) -> None:
    command("new-family", "odd_sum", "--in", tmp_path)
    family = tmp_path / "odd_sum"
    assert command.refuses("reseed", family, "--seed", "-1").startswith("--seed: expected a number of 0 or more")
    (family / "seed.txt").unlink()
    assert "expected seed.txt: no instance of this family is made from a seed" in command.refuses("reseed", family)
