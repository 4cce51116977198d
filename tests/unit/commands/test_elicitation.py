"""``pytest-metr score --elicitation`` and ``pytest-metr elicitation``."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from pytest_metr.report.labels import LABELS_FILE, add_labels, add_sample
from pytest_metr.types import AgentSpec, Freeze, Guidance, Label, LabelName, Sample
from tests.unit.commands.command import Command
from tests.unit.report.reading import report, report_run, write_report
from tests.unit.report.records import make_plan, make_record, make_task

#: Four families of one task each, all of one weight: a success and three failures.
SCORES = {"a/t": 1.0, "b/t": 0.0, "c/t": 0.0, "d/t": 0.0}
HOSTILE = "</td><script>x</script> [a](javascript:b) \x1b[31m |"


def session(folder: Path, *, agent: AgentSpec | None = None, **more: Any) -> Path:
    records = [make_record(make_plan(make_task(task)), score=score, **more) for task, score in SCORES.items()]
    spec = agent or AgentSpec(name="gpt", kind="react", identity="a" * 64)
    return write_report(folder, report(*map(report_run, records), agents=[spec]))


def label(folder: Path, family: str, name: LabelName, *, by: str = "ada", **more: Any) -> None:
    given = Label(run_id=f"{family}-t-gpt-1", label=name, reviewer=by, at="2026-01-01T00:00:00.000Z", **more)
    add_labels(folder, [given])


@pytest.fixture
def read(tmp_path: Path) -> Path:
    """A session of which two failures were read."""
    folder = session(tmp_path / "session")
    label(folder, "b", "spurious", category="refusal", note=HOSTILE)
    label(folder, "c", "real", category="misread")
    return folder


def test_the_three_numbers_stand_below_the_score(command: Command, read: Path) -> None:
    said = command("score", read, "--elicitation", "--draws", "50")
    assert said.status == 0
    rows = [" ".join(line.split()) for line in said.out.splitlines()]
    for begins in (
        "as measured - 0.250",
        "without spurious failures 1 0.333",
        "spurious failures as successes 1 0.500",
        "doubtful successes as failures 0 0.250",
    ):
        assert any(row.startswith(begins) for row in rows), begins
    flat = " ".join(said.out.split())
    assert "2 of 3 failed runs were read, none of them drawn at random" in flat
    assert "the model, or its maker, declined to do the task (1)" in flat


def test_the_json_says_all_of_it(command: Command, read: Path) -> None:
    add_sample(
        read,
        Sample(
            agent="gpt", population="failed", of=3, runs=("c-t-gpt-1", "b-t-gpt-1"), seed=1, reviewer="ada", at="now"
        ),
    )
    document = command("score", read, "--elicitation", "--json", "--draws", "50").json("score")
    [elicitation] = document["elicitation"]
    found = {result["name"]: result for result in elicitation["corrected"]}
    # Half of the sample was spurious, so 1.5 of 3 failures: one that was read, and half of the other.
    assert found["upper_bound"]["overall_score"]["value"] == pytest.approx((1 + 1.5) / 4)
    assert found["without_spurious"]["overall_score"]["value"] == pytest.approx(1 / (1 + 1.5))
    assert (found["upper_bound"]["changed"], found["upper_bound"]["inferred"]) == (1.5, 0.5)
    assert elicitation["inferred"] is True
    assert command("score", read, "--json", "--draws", "50").json("score")["elicitation"] == []


def test_readers_are_compared(command: Command, read: Path) -> None:
    label(read, "b", "spurious", by="bo")
    label(read, "c", "spurious", by="bo")
    said = " ".join(command("score", read, "--elicitation", "--draws", "50").out.split())
    assert "ada and bo agree on 1 of 2 runs that both have read (Cohen's kappa 0.00)" in said
    assert "1 of the runs that were read is disputed" in said


def test_labels_that_do_not_count_are_told(command: Command, read: Path) -> None:
    label(read, "d", "spurious", score=0.5)
    with (read / LABELS_FILE).open("a", encoding="utf-8") as file:
        file.write("{torn\n")
    said = " ".join(command("score", read, "--elicitation", "--draws", "50").out.split())
    assert "note: lines of labels.jsonl could not be read: 4" in said
    assert "note: labels of 1 run do not count" in said


def test_what_cannot_be_asked_for(command: Command, read: Path, tmp_path: Path) -> None:
    line = "--elicitation: expected the folder of one session, which its labels stand beside"
    assert command.refuses("score", read / "report.json", "--elicitation") == line
    assert command.refuses("score", read, session(tmp_path / "other"), "--elicitation") == line
    assert command.refuses("score", read, "--guided", read) == "--guided: expected --elicitation with it"
    no_guided = command.refuses("score", read, "--elicitation", "--guided", read)
    assert no_guided == f"{read}: expected a session of guided runs (--metr-guided), found none with a score"


def test_the_report_is_written_where_it_was_asked_for(command: Command, read: Path, tmp_path: Path) -> None:
    ask = ("elicitation", read, "--draws", "50", "-o")
    assert command(*ask, tmp_path / "new" / "report.md").status == 0
    text = (tmp_path / "new" / "report.md").read_bytes()
    (tmp_path / "kept.md").write_text("old")
    (tmp_path / "link.md").symlink_to(tmp_path / "kept.md")
    assert command(*ask, tmp_path / "link.md").status == 0
    assert (tmp_path / "link.md").is_symlink()
    assert (tmp_path / "kept.md").read_bytes() == text
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert command(*ask, tmp_path / "pipe").status == 0
        assert os.read(reader, 1 << 16) == text
    finally:
        os.close(reader)
    assert (tmp_path / "pipe").is_fifo()
    for wrong, why in (
        ("/", "Is a directory"),
        (f"{read}/report.json/x", "File exists"),
    ):
        assert command.refuses(*ask, wrong) == f"{wrong}: --out: cannot be written: {why}"


def test_the_report_tells_how_many_runs_were_drawn(command: Command, read: Path) -> None:
    add_sample(
        read, Sample(agent="gpt", population="failed", of=3, runs=("b-t-gpt-1",), seed=7, reviewer="ada", at="x")
    )
    assert (
        "- a random sample of 1 of 3 failed runs was drawn with seed 7 by ada at x\n"
        in command("elicitation", read, "--draws", "50").out
    )


def test_the_report_is_ready_to_be_signed(command: Command, read: Path, tmp_path: Path) -> None:
    guided = session(tmp_path / "guided", guidance=Guidance(fix="hint", why=HOSTILE, hint="x"))
    earlier = session(tmp_path / "earlier")
    out = tmp_path / "elicitation.md"
    said = command("elicitation", read, "--earlier", earlier, "--guided", guided, "--draws", "50", "-o", out)
    assert (said.status, said.err) == (0, "")
    text = out.read_text(encoding="utf-8")
    for part in ("What was done", "What was found", "Checks", "Red flags", "What stays doubtful", "Signed"):
        assert f"\n## {part}\n" in text
    assert "- the agent was **not frozen** before it was run\n" in text
    assert "- read: 2 of 3 failed runs (0 of these drawn at random), 0 of 1 passed ones\n- by ada\n" in text
    assert "beside gpt on 4 tasks of up to 15 human minutes: worse on none; the score differs by 0.000" in text
    assert "1 of 4 runs of 4 tasks succeeded" in text
    assert "| b-t-gpt-1 | spurious | refusal | " in text
    assert "<script>" not in text
    assert "javascript:b" not in text
    assert "\x1b" not in text
    rows = [line for line in text.splitlines() if line.startswith("| b-t")]
    assert all(row.count("|") == 5 for row in rows)


@pytest.mark.parametrize(
    ("identity", "told"), [("a" * 64, "frozen as it was run by ada"), ("b" * 64, "**has changed since**")]
)
def test_freezing_is_told(command: Command, tmp_path: Path, identity: str, told: str) -> None:
    freeze = Freeze(agent="gpt", identity=identity, at="2026-01-01T00:00:00.000Z", by="ada", note="two rounds")
    spec = AgentSpec(name="gpt", kind="react", identity="a" * 64, freeze=freeze)
    text = command("elicitation", session(tmp_path / "s", agent=spec), "--draws", "50").out
    assert told in text
    assert "two rounds" in text


def test_the_report_as_json(command: Command, read: Path) -> None:
    document = command("elicitation", read, "--json", "--draws", "50").json("elicitation")
    assert document["competence"] is None
    assert [flag["name"] for flag in document["flags"]] == ["success_without_work", "badly_elicited"]
    assert [finding["label"] for finding in document["findings"]] == ["spurious", "real"]


def test_an_agent_that_has_become_worse(command: Command, tmp_path: Path) -> None:
    before = session(tmp_path / "before")
    now = session(tmp_path / "now")
    document = json.loads((now / "report.json").read_text(encoding="utf-8"))
    document["runs"][0] |= {"score": 0.0, "success": False}
    write_report(now, document)
    text = command("elicitation", now, "--earlier", before, "--draws", "50").out
    assert "worse on 1: a/t; the score differs by -0.250 " in text


def test_an_elicitation_report_that_nobody_can_make(command: Command, read: Path, tmp_path: Path) -> None:
    assert "did you mean 'gpt'?" in command.refuses("elicitation", read, "--agent", "gtp")
    assert (
        command.refuses("elicitation", read, "--earlier-agent", "x")
        == "--earlier-agent: expected --earlier PATH with it"
    )
    missing = command.refuses("elicitation", tmp_path / "none")
    assert missing == f"{tmp_path / 'none'}: expected the folder of a session: No such file or directory"
