"""How attempts are shown while they run: the status word of each item, and the reason of a failure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_metr.errors import InfrastructureError, MetrError
from pytest_metr.retries import TRIED_AGAIN
from pytest_metr.texts import visible
from pytest_metr.types import RunRecord


def describe_attempt(record: RunRecord | None, error: BaseException | None, *, kept: bool = False) -> dict[str, Any]:
    """Return what a report says of an attempt: plain data, which crosses to the controller.

    :param kept: whether the record is from before the session was resumed.
    :return: ``status``, ``score`` (None where there is none), ``cause`` (of an infrastructure error) and ``kept``.
    """
    cause = error.cause if isinstance(error, InfrastructureError) else None
    if cause is None and record is not None and record.status == "infra_error" and record.failure is not None:
        cause = record.failure.cause
    status = "infra_error" if cause is not None else record.status if record is not None else None
    return {"status": status, "score": record.score if record is not None else None, "cause": cause, "kept": kept}


def tell(error: MetrError, transcript: Path | None) -> str:
    """Return an error with its evidence and the transcript's place, as it is shown below a failed item."""
    lines = [str(error)]
    if isinstance(error, InfrastructureError):
        for name, text in error.evidence.items():
            if text.strip():
                lines += [f"--- {name} ---", text.rstrip()]
    if transcript is not None and transcript.exists():
        lines.append(f"transcript: {transcript}")
    return visible("\n".join(lines))


def failure_line(record: RunRecord) -> str | None:
    """Return why an attempt is a failure, in a line; None where it is none.

    An attempt whose score is known beforehand fails where it gets another one.
    """
    if record.passed:
        return None
    if record.control is not None:
        control = record.control
        return f"score {record.score:.6g}, expected {control.range} from the control {control.name} ({control.kind})"
    score = f"score {record.score:g}, not above {record.success_threshold:g}"
    if record.failure is not None:
        return visible(f"{score}: the agent failed: {record.failure.message}")
    if record.limit_hit is not None:
        return f"{score}: limit reached: {record.limit_hit.name} {record.limit_hit.allowed:g}"
    return score


class StatusWords:
    """Shows the score beside each outcome, and infrastructure errors as errors instead of failures."""

    def __init__(self) -> None:
        self._summing_up = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """From here on outcomes are listed by pytest's own words, which other programs read."""
        self._summing_up = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.CollectReport | pytest.TestReport) -> tuple[str, str, str] | None:
        """Return category, letter and word of an attempt's report; None for every other report."""
        attempt = getattr(report, "metr", None)
        # Set-up and teardown have words of their own; a worker that died left a report of no phase at all.
        if attempt is None or getattr(report, "when", None) in ("setup", "teardown"):
            return None
        if attempt["status"] == TRIED_AGAIN:
            return TRIED_AGAIN, "R", TRIED_AGAIN.upper()
        if report.failed and attempt["status"] == "infra_error":
            return "error", "E", "ERROR"
        score, kept = attempt.get("score"), " (kept)" if attempt.get("kept") else ""
        if self._summing_up or (score is None and not kept):
            return None
        told = kept if score is None else f" score {score:.3g}{kept}"
        if report.passed:
            return "passed", ".", f"PASSED{told}"
        if report.failed:
            return "failed", "F", f"FAILED{told}"
        return "skipped", "s", f"SKIPPED{told}"
