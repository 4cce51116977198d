"""``--elicitation`` and the elicitation report with files that are wrong or hostile, and sessions that are unusual."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import Any

import pytest

from pytest_metr.report.labels import LABELS_FILE
from pytest_metr.types import AgentSpec, Freeze, Guidance
from tests.unit.commands.command import Command
from tests.unit.commands.test_elicitation import session
from tests.unit.report.reading import report, report_run, write_report
from tests.unit.report.records import make_plan, make_record, make_task

WITH_DRAWS = ("--draws", "50")
HOSTILE = "<img src=x>"


def write_lines(folder: Path, *lines: dict[str, Any]) -> None:
    with (folder / LABELS_FILE).open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)


def word(family: str, label: object = "spurious", *, agent: str = "gpt", **more: Any) -> dict[str, Any]:
    known = {"kind": "label", "run_id": f"{family}-t-{agent}-1", "label": label, "reviewer": "ada", "at": ""}
    return {**known, **more}


def drawn(**more: Any) -> dict[str, Any]:
    known = {"kind": "sample", "agent": "gpt", "population": "failed", "of": 3, "seed": 1, "reviewer": "ada", "at": ""}
    return {"runs": ["b-t-gpt-1"], **known, **more}


WRONG = {
    "a note that is a number": word("b", note=5),
    "a category that is a list": word("b", category=["refusal"]),
    "a label that is a list": word("b", ["real"]),
    "a time that is none": word("b", at=3),
    "a source that is none": word("b", source={}),
    "settles in words": word("b", settles="false"),
    "a population that there is not": drawn(population="both"),
    "a population that is a list": drawn(population=["failed"]),
    "an agent that is a number": drawn(agent=3),
    "runs that are no texts": drawn(runs=[["b-t-gpt-1"]]),
    "runs that are one text": drawn(runs="b-t-gpt-1"),
    "the same run twice": drawn(runs=["b-t-gpt-1", "b-t-gpt-1"]),
    "a number that is none": drawn(of=HOSTILE),
    "a seed that is none": drawn(seed=HOSTILE),
    "a reader that is none": drawn(reviewer=7),
    "a time of drawing that is none": drawn(at=None),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_line_that_is_no_label_or_sample_is_passed_over_and_told(command: Command, tmp_path: Path, what: str) -> None:
    folder = session(tmp_path / "session")
    write_lines(folder, word("c"), WRONG[what])
    for name, *options in (("score", "--elicitation"), ("elicitation",)):
        document = command(name, folder, *options, "--json", *WITH_DRAWS).json(name)
        assert "1 line of labels.jsonl is nothing that this version can read" in document["notes"]
        assert command(name, folder, *options, *WITH_DRAWS).status == 0


def test_a_label_that_was_given_anew_for_the_new_score_counts(command: Command, tmp_path: Path) -> None:
    folder = session(tmp_path / "session")
    write_lines(folder, word("b", score=0.5), word("b", score=0.0), word("c", score=0.5), word("c", None, score=0.5))
    document = command("score", folder, "--elicitation", "--json", *WITH_DRAWS).json("score")
    assert document["notes"] == []
    assert sum(read["spurious"] for read in document["elicitation"][0]["read"]) == 1


def two_agents(folder: Path) -> Path:
    records = [
        make_record(make_plan(make_task(f"{family}/t"), agent=agent), score=0.0)
        for agent in ("gpt", "other")
        for family in "abc"
    ]
    agents = [AgentSpec(name=name, kind="react", identity="a" * 64) for name in ("gpt", "other")]
    return write_report(folder, report(*map(report_run, records), agents=agents))


def test_the_report_of_an_agent_has_the_agreement_on_its_own_runs(command: Command, tmp_path: Path) -> None:
    folder = two_agents(tmp_path / "session")
    for reader in ("ada", "bo"):
        write_lines(folder, word("a", "real", reviewer=reader), word("b", reviewer=reader))
        other = "real" if reader == "ada" else "spurious"
        write_lines(folder, *(word(family, other, agent="other", reviewer=reader) for family in "abc"))
    [agreement] = command("elicitation", folder, "--agent", "gpt", "--json", *WITH_DRAWS).json("elicitation")[
        "agreements"
    ]
    assert (agreement["runs"], agreement["agreed"], agreement["kappa"]) == (2, 2, 1)
    said = " ".join(command("score", folder, "--elicitation", *WITH_DRAWS).out.split())
    assert said.count("ada and bo agree on 2 of 5 runs that both have read") == 1


def test_guided_runs_of_an_agent_that_is_not_here_are_refused(command: Command, tmp_path: Path) -> None:
    here = session(tmp_path / "session")
    records = [make_record(make_plan(make_task("b/t"), agent="gtp"), score=1.0, guidance=Guidance(fix="task", why="x"))]
    spec = AgentSpec(name="gtp", kind="react", identity="a" * 64)
    guided = write_report(tmp_path / "guided", report(*map(report_run, records), agents=[spec]))
    line = "--guided: expected guided runs of gpt, found those of gtp"
    assert command.refuses("score", here, "--elicitation", "--guided", guided) == line
    assert command.refuses("elicitation", here, "--guided", guided) == line


def test_the_same_guided_session_is_told_once(command: Command, tmp_path: Path) -> None:
    here = session(tmp_path / "session")
    guided = session(tmp_path / "guided", guidance=Guidance(fix="task", why="x"))
    twice = ("--guided", guided, "--guided", f"{guided}/")
    document = command("elicitation", here, *twice, "--json", *WITH_DRAWS).json("elicitation")
    assert len(document["elicitation"]["guided"]) == 1


def test_the_json_is_written_where_it_is_asked_for(command: Command, tmp_path: Path) -> None:
    out = tmp_path / "elicitation.json"
    said = command("elicitation", session(tmp_path / "session"), "--json", "-o", out, *WITH_DRAWS)
    assert said.status == 0
    assert json.loads(out.read_text(encoding="utf-8"))["schema"] == "pytest-metr/elicitation"


def test_nothing_of_a_hostile_session_is_markup(command: Command, tmp_path: Path) -> None:
    freeze = Freeze(agent="gpt", identity="<b>", at=HOSTILE, by=HOSTILE, note=HOSTILE)
    spec = AgentSpec(name="gpt", kind="react", identity=HOSTILE, freeze=freeze, model=HOSTILE, scaffold=HOSTILE)
    folder = session(tmp_path / "session", agent=spec, split=HOSTILE)
    write_lines(folder, word("b", reviewer=HOSTILE, note=HOSTILE), drawn(reviewer=HOSTILE, at=HOSTILE))
    text = command("elicitation", folder, *WITH_DRAWS).out
    assert "has changed since" in text
    assert "<" not in text


def changed(folder: Path, **fields: Any) -> Path:
    """Change the first run of a session."""
    document = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    document["runs"][0] |= fields
    return write_report(folder, document)


def test_other_versions_of_a_task_are_no_competence(command: Command, tmp_path: Path) -> None:
    """Neither in the difference nor among the tasks on which the agent has become worse."""
    before = changed(session(tmp_path / "before"), task_version="1.0.0")
    now = changed(session(tmp_path / "now"), score=0.0, success=False, task_version="2.0.0")
    competence = command("elicitation", now, "--earlier", before, "--json", *WITH_DRAWS).json("elicitation")[
        "competence"
    ]
    assert (competence["tasks"], competence["worse"], competence["difference"]["value"]) == (3, [], 0)
    assert competence["other_versions"] == ["a/t"]
    text = command("elicitation", now, "--earlier", before, *WITH_DRAWS).out
    assert "- not compared, since their versions or files differ: a/t\n" in text


def test_competence_goes_by_the_threshold_of_the_protocol(command: Command, tmp_path: Path) -> None:
    before, now = session(tmp_path / "before"), changed(session(tmp_path / "now"), score=0.92, success=True)
    protocol = tmp_path / "own.yaml"
    protocol.write_text("protocol: own\nversion: '1'\nsuccess: {threshold: 0.95}\n", encoding="utf-8")
    competence = command("elicitation", now, "--earlier", before, "--protocol", protocol, "--json", *WITH_DRAWS).json(
        "elicitation"
    )["competence"]
    assert competence["worse"] == ["a/t"]


def test_an_earlier_agent_without_a_common_task_is_no_comparison(command: Command, tmp_path: Path) -> None:
    records = [make_record(make_plan(make_task("z/t")), score=1.0)]
    earlier = write_report(tmp_path / "earlier", report(*map(report_run, records)))
    said = command.refuses("elicitation", session(tmp_path / "now"), "--earlier", earlier, *WITH_DRAWS)
    assert said == f"{earlier}: expected runs of tasks of up to 15 human minutes, in the same versions as those of gpt"


def test_an_agent_that_was_frozen_in_the_middle_is_not_called_frozen(command: Command, tmp_path: Path) -> None:
    """A session that was taken up again has runs of before the agent was frozen."""
    freeze = Freeze(agent="gpt", identity="a" * 64, at="2026-01-01T00:00:00.000Z", by="ada")
    spec = AgentSpec(name="gpt", kind="react", identity="a" * 64, freeze=freeze)
    folder = changed(session(tmp_path / "session", agent=spec, agent_frozen=True), agent_frozen=False)
    text = command("elicitation", folder, *WITH_DRAWS).out
    assert "- **1 of 4 runs** are by the agent when it was not frozen, or had changed since\n" in text


def test_a_user_without_a_name_says_who_freezes(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr(getpass, "getuser", nobody)
    agents = tmp_path / "agents"
    agents.mkdir()
    (agents / "mine.yaml").write_text("kind: command\ncommand: echo\n", encoding="utf-8")
    assert (
        command.refuses("freeze", "mine", "--agents", agents) == "--by: expected a name, since the user has none here"
    )
    assert command("freeze", "mine", "--agents", agents, "--by", "ada").status == 0


def test_a_hostile_file_of_frozen_agents_does_nothing_to_a_terminal(command: Command, tmp_path: Path) -> None:
    names = ["gpt\0", "../x.yaml", "\x1b[2J"]
    lines = [{"agent": name, "identity": "\x1b[2J", "at": "\x1b[2J", "by": "\x1b[2J", "note": "\r"} for name in names]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (tmp_path / "frozen.jsonl").write_text(text, encoding="utf-8")
    said = command("freeze", "--agents", tmp_path)
    assert (said.status, said.err) == (0, "")
    assert "\x1b" not in said.out
    assert "\0" not in said.out
    assert said.out.count("cannot be read") == 3


def test_guided_runs_are_told_by_their_fix(command: Command, tmp_path: Path) -> None:
    """A session that was taken up again with another fix."""
    fixes = [Guidance(fix="task", why="one"), Guidance(fix="hint", why="other", hint="x")]
    records = [
        make_record(make_plan(make_task(f"{family}/t")), score=1.0, guidance=fix)
        for family, fix in zip("bc", fixes, strict=True)
    ]
    guided = write_report(tmp_path / "guided", report(*map(report_run, records)))
    here = session(tmp_path / "session")
    document = command("elicitation", here, "--guided", guided, "--json", *WITH_DRAWS).json("elicitation")
    assert [(g["why"], g["runs"]) for g in document["elicitation"]["guided"]] == [("one", 1), ("other", 1)]


def test_categories_of_the_summary_are_of_all_runs(command: Command, tmp_path: Path) -> None:
    folder = session(tmp_path / "session")
    write_lines(folder, *(word(family, category="refusal") for family in "bcd"), word("b", score=9.0, reviewer="bo"))
    said = command("review", folder, "--summary").out
    rows = [" ".join(line.split()) for line in said.splitlines()]
    assert "3 the model, or its maker, declined to do the task" in rows
    assert "labels of 1 run count no more: gone, or scored otherwise than when they were given" in rows


@pytest.mark.parametrize("name", ["report.json", LABELS_FILE])
def test_no_report_is_written_over_the_session(command: Command, tmp_path: Path, name: str) -> None:
    folder = session(tmp_path / "session")
    write_lines(folder, word("b"))
    before = (folder / name).read_bytes()
    told = command.refuses("elicitation", folder, "-o", folder / name)
    assert told == f"{folder / name}: --out: expected a file that is none of the session's"
    assert (folder / name).read_bytes() == before


@pytest.mark.parametrize("option", ["--model", "--base-url", "--note", "--by"])
def test_options_of_freezing_need_an_agent(command: Command, tmp_path: Path, option: str) -> None:
    assert command.refuses("freeze", option, "x", "--agents", tmp_path) == f"{option}: expected AGENT with it"
