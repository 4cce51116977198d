"""A session as a whole: its report, every record, and where its transcripts are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_metr.errors import UsageMistake
from pytest_metr.report.past import NOT_OURS
from pytest_metr.report.reading.report_file import check_schema
from pytest_metr.report.reading.runset import JOURNAL, REPORT
from pytest_metr.report.reading.values import Unreadable, decode_object
from pytest_metr.report.session import SessionInfo
from pytest_metr.types import RunRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeSession:
    """Everything that the folder of a session holds.

    :param folder: as it was given.
    :param document: the report, strict JSON data.
    :param runs: every run of the report, the attempts with a known score (``control``) among them.
    """

    folder: Path
    document: Mapping[str, Any]
    info: SessionInfo
    runs: tuple[RunRecord, ...]

    @property
    def scores(self) -> dict[str, float | None]:
        """The score of each run by its id."""
        return {run.run_id: run.score for run in self.runs}

    def transcript(self, written: str | None) -> Path | None:
        """Return the file of a transcript, of a run or of a failed try, as its record names it.

        None where there is none. A record that names a place outside of the folder has none.
        """
        if not written or "\0" in written:
            return None
        path = self.folder / written
        inside = path.resolve().is_relative_to(self.folder.resolve())
        return path if inside and path.is_file() else None


def read_session(folder: Path) -> WholeSession:
    """Return the session of a folder.

    :raises UsageMistake: where it is not the folder of a session, has no report yet, or one that cannot be read.
    """
    path = folder / REPORT
    try:
        document = decode_object(path.read_bytes())
        check_schema(document)
        info = SessionInfo.from_json(document["session"])
        runs = tuple(RunRecord.from_json(run) for run in document["runs"])
    except Unreadable as problem:
        raise UsageMistake(problem.message, file=path, key=problem.key) from None
    except NOT_OURS as error:
        raise UsageMistake(f"expected the report of a session: {type(error).__name__}: {error}", file=path) from None
    except OSError as error:
        raise UsageMistake(_why_not(folder, error), file=folder) from None
    return WholeSession(folder=folder, document=document, info=info, runs=runs)


def _why_not(folder: Path, error: OSError) -> str:
    if (folder / JOURNAL).is_file():
        return f"the session has no {REPORT}: it is still running, or pytest-metr recover makes it"
    if folder.is_dir():
        return f"expected the folder of a session, with a {REPORT}"
    return f"expected the folder of a session: {error.strerror}"
