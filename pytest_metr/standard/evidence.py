"""What is kept of a command for whoever has to find out why a task failed."""

from __future__ import annotations

from pytest_metr.types import ExecResult


def evidence_of(result: ExecResult) -> dict[str, str]:
    """Return both streams and the exit code of a command as texts."""
    code = "timed out" if result.timed_out else str(result.exit_code)
    return {"stdout": result.out, "stderr": result.err, "exit_code": code}


def last_line(result: ExecResult) -> str:
    """Return the last line that a command wrote, on standard error if it wrote there, cut to 300 characters."""
    lines = result.err.strip().splitlines() or result.out.strip().splitlines() or [""]
    return lines[-1].strip()[:300]


def ending_of(result: ExecResult, timeout: float) -> str:
    """Say in a few words how a command ended."""
    if result.timed_out or result.exit_code is None:
        return f"timed out after {timeout:g} s"
    if result.exit_code < 0:
        return f"was ended by signal {-result.exit_code}"
    if result.exit_code == 137:
        return "ended with exit code 137 (killed, perhaps for want of memory)"
    return f"ended with exit code {result.exit_code}"
