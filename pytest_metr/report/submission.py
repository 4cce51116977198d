"""Submissions: in the record, or in a file of their own where they are large."""

from __future__ import annotations

from pathlib import Path

from pytest_metr.errors import InfrastructureError

#: How many characters of a submission are kept in the record itself.
IN_RECORD = 64 * 1024


def keep_submission(session_dir: Path, name: str, submission: str) -> tuple[str, tuple[str, ...]]:
    """Return what the record has of a submission, and a note where the whole of it is in a file of its own.

    The file is ``submissions/<name>.txt``: the submission exactly, in UTF-8. It is not redacted.

    :param name: as the transcript is named, which the tries at one run do not share.
    :raises InfrastructureError: with cause ``transcript`` where it cannot be written.
    """
    if len(submission) <= IN_RECORD:
        return submission, ()
    data = submission.encode("utf-8", "surrogatepass")
    path = session_dir / "submissions" / f"{name}.txt"
    try:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise InfrastructureError(f"{path}: cannot be written: {error.strerror}", cause="transcript") from error
    place = f"submissions/{path.name}"
    note = f"the submission has {len(data)} bytes; the whole of it is in {place}"
    return f"{submission[:IN_RECORD]}\n[... the rest is in {place} ...]", (note,)
