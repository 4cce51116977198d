"""Transcripts: every event on the disk as it happens, whatever is in it."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.errors import InfrastructureError
from pytest_metr.interfaces import TranscriptWriter
from pytest_metr.report import Redactor, Transcript
from pytest_metr.report.transcript import NOT_THE_AGENTS

from .records import any_json, properties, texts

NO_SECRETS = Redactor({})

#: Writes two events and dies without closing anything.
DIES = """
import os, sys
from pathlib import Path
from pytest_metr.report import Redactor, Transcript
transcript = Transcript(Path(sys.argv[1]), Redactor({}))
transcript.write("exec", {"argv": ["true"]})
transcript.write("exec", {"argv": ["false"]})
os._exit(9)
"""


class Odd:
    """Something that no JSON knows, and that cannot even be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "transcripts" / "run-1.jsonl"


def read(path: Path) -> list[dict[str, Any]]:
    def refuse(token: str) -> None:
        raise AssertionError(f"{token} is no JSON")

    return [json.loads(line, parse_constant=refuse) for line in path.read_text(encoding="utf-8").splitlines()]


def test_events_are_numbered_dated_and_kept_in_order(path: Path) -> None:
    with Transcript(path, NO_SECRETS) as transcript:
        writer: TranscriptWriter = transcript
        writer.write("exec", {"argv": ["ls"], "exit_code": 0})
        writer.write("submission", {"text": "42"})
    first, second = read(path)
    assert (first["n"], first["kind"], first["argv"], first["exit_code"]) == (1, "exec", ["ls"], 0)
    assert (second["n"], second["kind"], second["text"]) == (2, "submission", "42")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", first["at"])
    assert list(first)[:3] == ["n", "at", "kind"]


def test_an_event_can_be_read_before_the_transcript_is_closed(path: Path) -> None:
    transcript = Transcript(path, NO_SECRETS)
    transcript.write("note", {"text": "now"})
    assert read(path)[0]["text"] == "now"
    transcript.close()


def test_what_was_written_survives_the_death_of_the_process(path: Path) -> None:
    died = subprocess.run([sys.executable, "-c", DIES, str(path)], timeout=120, check=False)
    assert died.returncode == 9
    assert [line["argv"] for line in read(path)] == [["true"], ["false"]]


def test_secrets_are_hidden_in_kinds_keys_and_values(path: Path) -> None:
    with Transcript(path, Redactor({"KEY": "s3cr3t!"})) as transcript:
        transcript.write("s3cr3t!", {"s3cr3t!": [b"raw s3cr3t!", {"deep": "s3cr3t!"}]})
    assert "s3cr3t!" not in path.read_text(encoding="utf-8")
    (line,) = read(path)
    assert line["[secret KEY]"] == ["raw [secret KEY]", {"deep": "[secret KEY]"}]


def test_data_with_the_names_of_the_envelope_are_kept_beside_it(path: Path) -> None:
    with Transcript(path, NO_SECRETS) as transcript:
        transcript.write("note", {"n": "theirs", "at": "noon", "kind": "nice", "n_": "more"})
    (line,) = read(path)
    assert (line["n"], line["kind"]) == (1, "note")
    assert (line["n_"], line["at_"], line["kind_"], line["n__"]) == ("theirs", "noon", "nice", "more")


def test_values_that_no_json_knows_are_shown_as_well_as_they_can_be(path: Path) -> None:
    knot: dict[str, Any] = {}
    knot["self"] = [knot, knot]
    deep: Any = "end"
    for _ in range(5000):
        deep = [deep]
    with Transcript(path, NO_SECRETS) as transcript:
        transcript.write(
            "odd",
            {
                "nan": [math.nan, math.inf, -math.inf],
                "odd": Odd(),
                "object": range(3),
                "bytes": b"caf\xc3\xa9 \xff",
                "path": Path("/home/agent"),
                "set": {1},
                "keys": {1: "one", "1": "text", None: "none"},
                "huge": 1 << 20_000,
                "knot": knot,
                "deep": deep,
            },
        )
    (line,) = read(path)
    assert line["nan"] == ["NaN", "Infinity", "-Infinity"]
    assert line["odd"] == "<Odd>"
    assert line["object"] == "range(0, 3)"
    assert line["bytes"] == "café \ufffd"
    assert line["path"] == "/home/agent"
    assert line["set"] == [1]
    assert line["keys"] == {"1": "one", "1_": "text", "None": "none"}
    assert line["huge"] == "0x1" + "0" * 5000
    assert "self" in line["knot"]
    assert isinstance(line["deep"], list)


@properties
@given(st.dictionaries(texts, any_json, max_size=3), texts)
def test_any_text_survives_as_valid_json(
    tmp_path_factory: pytest.TempPathFactory, data: dict[str, Any], text: str
) -> None:
    path = tmp_path_factory.mktemp("transcript") / "run.jsonl"
    with Transcript(path, NO_SECRETS) as transcript:
        transcript.write("any", {"text": f"\x00\ud800 \u2028\x85\n{text}", **data})
    (line,) = read(path)
    # JSON reads a high and a low surrogate that stand side by side as the character that they encode.
    expected = json.loads(json.dumps(data.get("text", f"\x00\ud800 \u2028\x85\n{text}")))
    assert "text" in data or line["text"] == expected


CANARY = 'riddles "canary" GUID 5é'


@pytest.mark.parametrize(
    "data", [{"stdout": f"x {CANARY} y"}, {"argv": ["grep", CANARY]}, {CANARY: 1}, {"a": [{"b": CANARY}]}]
)
def test_a_canary_in_what_the_agent_does_or_sees_is_found(path: Path, data: dict[str, Any]) -> None:
    seen = []
    with Transcript(path, NO_SECRETS, canary=f" {CANARY}\n") as transcript:
        for event in ({"stdout": CANARY[:-1]}, data, {"stdout": ""}):
            transcript.write("exec", event)
            seen.append(transcript.canary_found)
    assert seen == [False, True, True]


@pytest.mark.parametrize("kind", sorted(NOT_THE_AGENTS))
def test_a_canary_in_what_the_runner_and_the_scorer_write_is_none_of_the_agents(path: Path, kind: str) -> None:
    with Transcript(path, NO_SECRETS, canary=CANARY) as transcript:
        transcript.write(kind, {"text": CANARY})
    assert transcript.canary_found is False


def test_a_canary_is_found_where_a_secret_in_it_was_hidden(path: Path) -> None:
    with Transcript(path, Redactor({"KEY": "GUID 5"}), canary=CANARY) as transcript:
        transcript.write("exec", {"stdout": CANARY})
    assert "[secret KEY]" in path.read_text(encoding="utf-8")
    assert transcript.canary_found is True


@pytest.mark.parametrize("canary", [None, " "])
def test_without_a_canary_nobody_looks(path: Path, canary: str | None) -> None:
    with Transcript(path, NO_SECRETS, canary=canary) as transcript:
        transcript.write("exec", {"stdout": " "})
    assert transcript.canary_found is None


def test_threads_do_not_mix_lines_or_numbers(path: Path) -> None:
    def work(name: int) -> None:
        for _ in range(50):
            transcript.write("note", {"thread": name, "text": "x" * 3000})

    with Transcript(path, NO_SECRETS) as transcript:
        threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [line["n"] for line in read(path)] == list(range(1, 201))


def test_an_earlier_transcript_is_added_to_on_a_fresh_line(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b'{"n": 1}\n{"n": 2, "torn')
    with Transcript(path, NO_SECRETS) as transcript:
        transcript.write("note", {})
    lines = path.read_bytes().split(b"\n")
    assert lines[:2] == [b'{"n": 1}', b'{"n": 2, "torn']
    assert json.loads(lines[2])["kind"] == "note"


def test_a_closed_transcript_may_be_closed_again_but_not_written(path: Path) -> None:
    transcript = Transcript(path, NO_SECRETS)
    transcript.close()
    transcript.close()
    with pytest.raises(ValueError, match="is closed"):
        transcript.write("note", {})


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_disk_is_an_infrastructure_error() -> None:
    transcript = Transcript(Path("/dev/full"), NO_SECRETS)
    with pytest.raises(InfrastructureError, match="No space left") as caught:
        transcript.write("note", {})
    assert caught.value.cause == "transcript"
    with pytest.raises(InfrastructureError, match="cannot write /dev/full"):  # a device cannot be put on a disk
        transcript.close()


def test_a_transcript_that_cannot_be_opened_is_an_infrastructure_error(tmp_path: Path) -> None:
    with pytest.raises(InfrastructureError, match="Is a directory"):
        Transcript(tmp_path, NO_SECRETS)
