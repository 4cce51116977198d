"""Transcripts that are damaged or mean harm, and any records: all of them can be exported."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inspect_ai.event import InfoEvent
from inspect_ai.log import EvalSample, condense_sample, read_eval_log

from pytest_metr.inspect_log.sample import Run, make_sample
from pytest_metr.inspect_log.writing import export_session
from pytest_metr.report.reading import read_session
from pytest_metr.types import RunRecord
from tests.unit.inspect_log.sessions import CONVERSATION, plan, the_sample, write_session, write_transcript
from tests.unit.report.records import any_json, make_record, many_records, properties, records, texts

RECORD = make_record(plan(), score=0.75)
KINDS = sorted(
    {event["kind"] for event in CONVERSATION} | {"exec", "spawn", "read_file", "write_file", "limit", "error"}
)
LONE = "\ud800"


@st.composite
def any_event(draw: st.DrawFn) -> Mapping[str, Any]:
    """An event of a kind that there is, with some of its values replaced, or any event at all."""
    events = [event for event in CONVERSATION if event["kind"] != "score"]
    event = dict(draw(st.sampled_from(events)))
    for key in draw(st.lists(st.sampled_from(sorted(event)), max_size=2)):
        if key != "kind":
            event[key] = draw(any_json)
    inner = [key for key, value in event.items() if isinstance(value, dict) and value]
    if draw(st.booleans()) and inner:
        outer = draw(st.sampled_from(inner))
        event[outer] = {**event[outer], draw(st.sampled_from(sorted(event[outer]))): draw(any_json)}
    more: dict[str, Any] = draw(st.dictionaries(texts, any_json, max_size=2))
    kind = draw(st.just(event["kind"]) | st.sampled_from(KINDS) | texts)
    return {**more, **event, "kind": kind}


def round_trip(sample: EvalSample) -> EvalSample:
    """Return a sample as it is after it was written and read."""
    return EvalSample.model_validate_json(condense_sample(sample).model_dump_json())


@properties
@given(record=records(), transcript=st.lists(any_event(), max_size=8))
def test_any_record_and_any_events_make_a_sample(record: RunRecord, transcript: list[Mapping[str, Any]]) -> None:
    sample = make_sample(Run(id="id", epoch=1, record=record, session="s"), transcript).sample
    again = round_trip(sample)
    assert (again.id, again.epoch) == ("id", 1)
    assert (again.scores is None) == (record.score is None)
    if again.scores is not None:
        assert again.scores["score"].value == record.score


def bounded(runs: list[RunRecord]) -> list[RunRecord]:
    """Return runs with scores that a report of a session can add up."""
    return [replace(run, score=None if run.score is None else max(-1e9, min(1e9, run.score))) for run in runs]


@properties
@given(runs=many_records().map(bounded))
def test_any_session_makes_logs_that_can_be_read(runs: list[RunRecord]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "s").mkdir()
        write_session(folder / "s", *runs)
        logs = [read_eval_log(log.file) for log in export_session(read_session(folder / "s"), folder / "logs")]
        made = [sample for log in logs for sample in log.samples or []]
    assert len(made) == sum(run.status != "not_run" for run in runs)
    assert {sample.metadata["run_id"] for sample in made} == {run.run_id for run in runs if run.status != "not_run"}


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"kind": 3}',
        '{"kind": "note", "text": NaN}',
        '{"kind": "note", "text": ' + "[" * 5000 + "]" * 5000 + "}",
        '{"kind": "note", "text": ' + "9" * 5000 + "}",
        "\x00\x01",
    ],
)
def test_a_line_that_is_no_event_is_counted_and_told_by_its_number(tmp_path: Path, line: str) -> None:
    record = write_transcript(tmp_path / "s", RECORD, [*CONVERSATION, line])
    [written] = export_session(read_session(write_session(tmp_path / "s", record)), tmp_path / "logs")
    assert written.unmapped == {"damaged": 1}
    log = read_eval_log(written.file)
    assert log.metadata["unmapped_events"] == {"damaged": 1}
    assert log.samples is not None
    told = [event for event in log.samples[0].events if isinstance(event, InfoEvent) and event.source == "damaged"]
    assert [event.data for event in told] == [{"line": len(CONVERSATION) + 1}]


@pytest.mark.parametrize(
    "event",
    [
        {"kind": "model_request", "call": "x"},
        {"kind": "model_request", "call": 1, "model": "m", "wire": "none", "body": {}, "of": None, "kept": 0},
        {
            "kind": "model_request",
            "call": 9,
            "model": "m",
            "wire": "openai",
            "body": {},
            "of": 7,
            "kept": 1,
            "messages": [],
        },
        {"kind": "model_response", "call": 99, "body": {}},
        {"kind": "model_response", "call": 1, "body": None},
        {"kind": "malformed_call"},
        {"kind": "exec"},
        {"kind": "exec", "argv": 3},
        {"kind": "read_file"},
        {"kind": "limit", "name": "nothing"},
        {"kind": "error"},
        {"kind": "task", "instructions": 5},
    ],
)
def test_an_event_that_is_not_what_it_says_is_kept_as_it_is_and_counted(tmp_path: Path, event: dict[str, Any]) -> None:
    record = write_transcript(tmp_path / "s", RECORD, [event])
    [written] = export_session(read_session(write_session(tmp_path / "s", record)), tmp_path / "logs")
    assert written.unmapped == {event["kind"]: 1}
    samples = read_eval_log(written.file).samples
    assert samples is not None
    [told] = [event for event in samples[0].events if isinstance(event, InfoEvent)]
    assert (told.source, told.data) == (event["kind"], {key: value for key, value in event.items() if key != "kind"})


def test_a_message_that_cannot_be_read_is_kept_as_its_json(tmp_path: Path) -> None:
    picture = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}
    request = {**CONVERSATION[3], "messages": [picture, 7]}
    sample = the_sample(tmp_path, RECORD, [request])
    assert [json.loads(message.text) for message in sample.messages] == [picture, 7]
    assert all(message.metadata == {"unread": True} for message in sample.messages)


def test_halves_of_surrogates_infinities_and_huge_values_become_text(tmp_path: Path) -> None:
    deep: Any = LONE
    for _ in range(400):
        deep = [deep]
    line = '{"kind": "note", "a": 1e999, "b": ' + "9" * 30 + "}"
    events = [{"kind": "own" + LONE, "text": LONE}, {"kind": "bash", "output": LONE, "command": "x" * 10**6}, line]
    sample = the_sample(tmp_path, make_record(plan(), score=0.5, submission=LONE), [*events, {"kind": "d", "v": deep}])
    own, note, nested = [event for event in sample.events if isinstance(event, InfoEvent)]
    assert (own.source, own.data) == ("own\\ud800", "\\ud800")
    assert note.data == {"a": "Infinity", "b": hex(int("9" * 30))}
    assert "\\ud800" in json.dumps(nested.data)
    [bash] = [event for event in sample.events if event.event == "tool"]
    assert (bash.result, len(str(bash.arguments["command"]))) == ("\\ud800", 10**6)
    assert sample.scores is not None
    assert sample.scores["score"].answer == "\\ud800"
