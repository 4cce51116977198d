"""The journal: whole lines or none, whoever else is writing and whatever was killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_metr.errors import InfrastructureError
from pytest_metr.report import Journal, read_journal
from pytest_metr.types import RunRecord

from .records import properties, records

#: Appends lines of many sizes, from a process of its own.
WRITER = """
import sys
from pathlib import Path
from pytest_metr.report import Journal
for n in range(40):
    Journal(Path(sys.argv[1])).append("run", {"writer": sys.argv[2], "n": n, "text": "x" * (n * 997)})
"""

#: Writes one line that a limit of the system on the size of files cuts short.
CUT_SHORT = """
import resource, sys
from pathlib import Path
from pytest_metr.errors import InfrastructureError
from pytest_metr.report import Journal
journal = Journal(Path(sys.argv[1]))
journal.append("session", {"text": "fits"})
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))
try:
    journal.append("run", {"text": "x" * 9000})
except InfrastructureError as error:
    print(error.cause, error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
journal.append("run", {"text": "after"})
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "session" / "journal.jsonl"


def test_lines_are_read_as_they_were_appended(path: Path) -> None:
    journal = Journal(path)
    journal.append("session", {"versions": {"python": "3.12"}})
    journal.append("run", {"run_id": "a", "score": 1.0})
    journal.append("run", {"run_id": "b", "score": None})
    content = read_journal(path)
    assert content.lines[0] == {"kind": "session", "versions": {"python": "3.12"}}
    assert [line["run_id"] for line in content.of_kind("run")] == ["a", "b"]
    assert content.damaged == ()


@properties
@given(records())
def test_any_record_comes_back_unchanged(tmp_path_factory: pytest.TempPathFactory, record: RunRecord) -> None:
    path = tmp_path_factory.mktemp("journal") / "journal.jsonl"
    Journal(path).append("run", record.to_json())
    (line,) = read_journal(path).of_kind("run")
    assert RunRecord.from_json(line).to_json() == record.to_json()


def test_each_line_is_one_line_of_ascii(path: Path) -> None:
    Journal(path).append("run", {"text": "a\nb\u2028c\x85d\x00\ud800ö"})
    raw = path.read_bytes()
    assert raw.isascii()
    assert len(raw.decode("ascii").splitlines()) == 1
    assert read_journal(path).lines[0]["text"] == "a\nb\u2028c\x85d\x00\ud800ö"


def test_several_processes_append_to_one_file_without_mixing_lines(path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path), name]) for name in "abc"]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0, 0]
    content = read_journal(path)
    assert content.damaged == ()
    for name in "abc":
        assert [line["n"] for line in content.lines if line["writer"] == name] == list(range(40))
    assert all(len(line["text"]) == line["n"] * 997 for line in content.lines)


@properties
@given(st.data())
def test_after_a_killed_writer_only_its_own_line_is_lost(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("journal") / "journal.jsonl"
    journal = Journal(path)
    journal.append("run", {"run_id": "before"})
    whole = path.read_bytes()
    journal.append("run", {"run_id": "torn"})
    torn = data.draw(st.integers(len(whole), path.stat().st_size - 1), label="length when killed")
    path.write_bytes(path.read_bytes()[:torn])
    journal.append("run", {"run_id": "after"})
    content = read_journal(path)
    ids = [line["run_id"] for line in content.lines]
    complete = torn == len(whole + b'{"kind": "run", "run_id": "torn"}')
    assert ids == (["before", "torn", "after"] if complete else ["before", "after"])
    assert content.damaged == (() if complete or torn == len(whole) else (2,))


def test_a_torn_last_line_is_counted_as_damaged(path: Path) -> None:
    Journal(path).append("run", {"run_id": "a"})
    with path.open("ab") as file:
        file.write(b'{"kind": "run", "run_')
    content = read_journal(path)
    assert len(content.lines) == 1
    assert content.damaged == (2,)


@pytest.mark.parametrize(
    "line",
    [
        b"\0\0\0\0",
        b"\xff\xfe",
        b"[1, 2]",
        b"null",
        b'{"run_id": "no kind"}',
        b'{"kind": 1}',
        b'{"kind": "run"} {"kind": "run"}',
        b"[" * 100_000,
    ],
)
def test_a_line_that_cannot_be_read_is_counted_and_costs_no_other(path: Path, line: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(b'{"kind": "session"}\n\n' + line + b'\n{"kind": "crash"}\n')
    content = read_journal(path)
    assert [good["kind"] for good in content.lines] == ["session", "crash"]
    assert content.damaged == (3,)


def test_an_empty_journal_has_no_lines(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").touch()
    content = read_journal(tmp_path / "journal.jsonl")
    assert (content.lines, content.damaged) == ((), ())


def test_a_journal_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_journal(tmp_path / "journal.jsonl")


def test_data_with_a_kind_of_their_own_are_refused_and_nothing_is_written(path: Path) -> None:
    with pytest.raises(ValueError, match="one kind"):
        Journal(path).append("run", {"kind": "session"})
    assert not path.exists()


def test_a_write_cut_short_by_the_system_leaves_no_half_line(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CUT_SHORT, str(path)], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.startswith(f"journal cannot write {path}: only ")
    content = read_journal(path)
    assert [line["text"] for line in content.lines] == ["fits", "after"]
    assert content.damaged == ()
    assert b"\n\n" not in path.read_bytes()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_disk_is_an_infrastructure_error() -> None:
    with pytest.raises(InfrastructureError, match="cannot write /dev/full: No space left on device") as caught:
        Journal(Path("/dev/full")).append("run", {"run_id": "a"})
    assert caught.value.cause == "journal"


def test_a_journal_that_cannot_be_opened_is_an_infrastructure_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InfrastructureError, match="cannot write") as caught:
        Journal(tmp_path / "file" / "journal.jsonl").append("run", {})
    assert caught.value.cause == "journal"
