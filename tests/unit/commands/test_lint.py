"""``pytest-metr lint``: each rule finds what it is for, and nothing in a family that is as it should be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from pytest_metr.lint import RULES
from tests.unit.commands.command import Command


@pytest.fixture
def family(command: Command, tmp_path: Path) -> Path:
    """A family as ``new-family`` makes it."""
    assert command("new-family", "odd_sum", "--in", tmp_path).status == 0
    return tmp_path / "odd_sum"


def found(command: Command, family: Path) -> list[tuple[str, str]]:
    """Return the rules that found something, each with its message, and see that the status says so."""
    said = command("lint", family, "--no-sandbox", "--json")
    document = said.json("lint")
    findings = [(f["rule"], f["message"]) for entry in document["families"] for f in entry["findings"]]
    assert said.status == int(bool(findings))
    return findings


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def manifest(family: Path, **meta: Any) -> None:
    """Change keys under ``meta``; None takes one away."""
    file = family / "manifest.yaml"
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    for key, value in meta.items():
        document["meta"].pop(key, None)
        if value is not None:
            document["meta"][key] = value
    file.write_text(yaml.safe_dump(document), encoding="utf-8")


def test_a_family_as_it_should_be_has_no_findings(command: Command, family: Path) -> None:
    said = command("lint", family, "--no-sandbox")
    assert said.status == 0
    assert said.out.splitlines() == ["instructions: not looked at, which takes a sandbox", "0 findings in 1 family"]


@pytest.mark.parametrize(
    ("meta", "rule", "message"),
    [
        ({"expertise": None}, "manifest", "expected what a person must know, found nothing"),
        ({"scoring": "some"}, "manifest", "expected one of partial, exact"),
        ({"human_source": "baseline"}, "manifest", "names nobody who was timed"),
        ({"quality": "good"}, "quality", "expected a mapping with level"),
        ({"quality": {"level": "best"}}, "quality", "expected one of draft, checked, vetted"),
        ({"canary": "a canary"}, "canary", "expected a GUID of its own"),
        ({"canary": "GUID 00000000-0000-0000-0000-000000000000"}, "canary", "expected a GUID of its own"),
        ({"canary": "GUID 12345678-0000-4000-8000-123456789abc"}, "canary", "expected the canary 12345678"),
    ],
)
def test_what_a_manifest_does_not_say(
    command: Command, family: Path, meta: dict[str, Any], rule: str, message: str
) -> None:
    manifest(family, **meta)
    assert any(r == rule and message in told for r, told in found(command, family))


@pytest.mark.parametrize(
    ("gone", "rule"),
    [
        ("README.md", "readme"),
        ("solution/solve.py", "solution"),
        ("odd_sum_test.py", "tests"),
        ("controls/controls.yaml", "controls"),
    ],
)
def test_a_part_that_is_missing(command: Command, family: Path, gone: str, rule: str) -> None:
    (family / gone).unlink()
    assert rule in {name for name, _ in found(command, family)}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("kind: gaming", "kind: wrong", "expected an attempt to deceive the scorer (kind gaming), found none"),
        ("handed in.\n  scores: {main: 0}", "handed in.\n  scores: {main: 0.2}", "expected 0: nothing is done"),
        ("scores: {main: 0.5}", "scores: {main: [0.1, 0.9]}", "expected a range of at most 0.4"),
        ("scores: {main: 0.5}", "scores: {main: 1}", "expected less than 1: it is no solution"),
        ("scores: {main: 0.5}", "scores: {main: 0.4}", "expected at least 4 different scores between 0 and 1, found 3"),
        ("list.\n  scores: {main: 0}", "list.\n  scores: {main: 0.95}", "expected at most the threshold 0.9"),
    ],
)
def test_controls_that_show_little(command: Command, family: Path, old: str, new: str, message: str) -> None:
    change(family / "controls" / "controls.yaml", old, new)
    assert any(rule == "controls" and message in told for rule, told in found(command, family))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('text = (HOME / "answer.json").read_text()', "read_text of an agent's file follows links"),
        ('path = HOME / "answer.json"\n        text = path.read_bytes()', "read_bytes of an agent's file"),
        ('text = open("/home/agent/answer.json").read()', "open of an agent's file"),
        ('with (HOME / "answer.json").open() as file: pass', "open of an agent's file"),
        ('os.open(HOME / "answer.json", os.O_RDONLY)', "os.open of an agent's file without O_NOFOLLOW"),
        ('for path in HOME.glob("*"): path.read_text()', "read_text of an agent's file"),
        ("import shutil\n        shutil.copytree(HOME, '/root/copy')", "shutil.copytree of an agent's files"),
        ("eval(submission)", "eval runs what it is given"),
        ("import pickle\n        pickle.loads(submission.encode())", "pickle.loads runs what it is given"),
        ('helper(HOME / "answer.json")', "helper: read_text of an agent's file"),
    ],
)
def test_a_scorer_that_trusts_an_agent(command: Command, family: Path, line: str, message: str) -> None:
    module = family / "odd_sum.py"
    change(module, "        answer, (_, sums) =", f"        {line}\n        answer, (_, sums) =")
    change(module, "class TaskFamily:", "def helper(file):\n    return file.read_text()\n\n\nclass TaskFamily:")
    assert [told for rule, told in found(command, family) if rule == "forgeable" and message in told]


def test_reading_what_no_agent_can_change_is_no_finding(command: Command, family: Path) -> None:
    module = family / "odd_sum.py"
    line = '        Path("/root/assets/key.txt").read_text()\n        Path(__file__).with_name("seed.txt").open()\n'
    change(module, "        answer, (_, sums) =", f"{line}        answer, (_, sums) =")
    assert found(command, family) == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("import time\n    time.time()", "time.time: a task must depend neither on the date"),
        ("import datetime\n    datetime.datetime.now()", "datetime.datetime.now: "),
        ("random.shuffle([])", "random.shuffle: everybody's generator"),
        ("random.Random()", "random.Random without a seed"),
        ("os.urandom(4)", "os.urandom: another value each time"),
        ("import secrets\n    secrets.token_hex()", "secrets.token_hex: another value each time"),
        ("hash('x')", "hash: another value each time"),
        ("import urllib.request", "urllib.request: a task must not depend on the network"),
    ],
)
def test_what_makes_a_score_hang_on_chance(command: Command, family: Path, line: str, message: str) -> None:
    change(family / "odd_sum.py", "    rng = random.Random(f", f"    {line}\n    rng = random.Random(f")
    assert any(rule == "determinism" and told.startswith(f"lists: {message}") for rule, told in found(command, family))


@pytest.mark.parametrize(
    ("name", "text", "finds"),
    [
        ("requirements.txt", "numpy\n", True),
        ("requirements.txt", "numpy>=1.2\n", True),
        ("requirements.txt", "numpy==1.2.3  # as measured\n\n", False),
        ("build_steps.json", '[{"type": "shell", "commands": ["pip install numpy"]}]', True),
        ("build_steps.json", '[{"type": "shell", "commands": ["curl -s x | bash"]}]', True),
        ("build_steps.json", '[{"type": "shell", "commands": ["pip install -q numpy==1.0 && echo"]}]', False),
        ("more.py", 'COMMAND = ["pip", "install", "numpy"]\n', True),
    ],
)
def test_installs_without_a_version(command: Command, family: Path, name: str, text: str, finds: bool) -> None:
    (family / name).write_text(text, encoding="utf-8")
    assert ("pins" in {rule for rule, _ in found(command, family)}) is finds


def test_seeds_and_sizes(command: Command, family: Path) -> None:
    (family / "seed.txt").write_text("about 12\n", encoding="utf-8")
    (family / "big.bin").write_bytes(bytes(600_000))
    assert {rule for rule, _ in found(command, family)} == {"seed", "size"}


def test_a_rule_can_be_allowed_with_a_reason(command: Command, family: Path) -> None:
    (family / "requirements.txt").write_text("numpy\n", encoding="utf-8")
    manifest(family, lint={"pins": "any version will do"})
    said = command("lint", family, "--no-sandbox")
    assert said.status == 0
    assert "odd_sum: allows pins: any version will do (1 found)" in said.out
    manifest(family, lint={"pin": "x"})
    assert "meta.lint.pin: unknown rule: expected one of manifest, " in command.refuses("lint", family, "--no-sandbox")
    manifest(family, lint={"pins": ""})
    assert "meta.lint.pins: expected a reason" in command.refuses("lint", family, "--no-sandbox")


def test_two_families_with_one_canary(command: Command, family: Path) -> None:
    assert command("new-family", "other", "--in", family.parent).status == 0
    document = yaml.safe_load((family / "manifest.yaml").read_text(encoding="utf-8"))
    manifest(family.parent / "other", canary=document["meta"]["canary"])
    told = found(command, family.parent)
    assert ("canary", "expected a canary of its own, found that of odd_sum") in told


def test_mistakes_are_one_line(command: Command, family: Path) -> None:
    (family / "controls" / "controls.yaml").write_text("a: 1\n", encoding="utf-8")
    assert command.refuses("lint", family, "--no-sandbox").startswith(f"{family / 'controls' / 'controls.yaml'}: a: ")
    empty = family.parent / "empty"
    empty.mkdir()
    assert command.refuses("lint", empty) == f"{empty}: expected at least one family, found none"


def test_the_docs_tell_every_rule() -> None:
    text = (Path(__file__).parents[3] / "docs" / "lint.md").read_text(encoding="utf-8")
    assert [name for name in RULES if f"| `{name}` |" not in text] == []
