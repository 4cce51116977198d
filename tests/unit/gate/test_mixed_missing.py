"""Missing runs of short tasks can make a horizon longer by failing, and those of long ones by succeeding."""

from __future__ import annotations

from pytest_metr.gate import judge
from pytest_metr.gate.model import Gate, Rule
from pytest_metr.protocol import evaluate_agent, load_protocol, run_checks
from pytest_metr.types import RunRow

SUCCEEDING = {1: 6, 2: 6, 4: 6, 8: 6, 16: 5, 32: 4, 64: 3, 128: 2, 256: 1, 512: 1}


def _rows() -> list[RunRow]:
    rows = []
    for minutes, succeeding in SUCCEEDING.items():
        for family in range(6):
            for run in (1, 2):
                lost = run == 2 and not 8 <= minutes <= 64
                success = None if lost else family < succeeding
                rows.append(
                    RunRow(
                        run_id=f"{minutes}.{family}.{run}",
                        agent="a",
                        task_id=f"f{minutes}_{family}/t",
                        family=f"f{minutes}_{family}",
                        status="infra_error" if lost else "scored",
                        score=None if success is None else float(success),
                        success=success,
                        human_minutes=float(minutes),
                    )
                )
    return rows


def test_missing_runs_are_counted_in_the_worst_mixture() -> None:
    rule = Rule(name="r", metric="time_horizon_p50", must_stay="below", threshold=10_000.0, margin=1.0)
    gate = Gate(name="g", rules=(rule,), minimum_coverage=0.5)
    verdict = judge(gate, {"a": _rows()}, protocol=load_protocol("plain"), evaluate=evaluate_agent, check=run_checks)
    # All lost runs failed: up to 87 minutes. All succeeded: up to 2,100. Short ones failed, long ones not: no end.
    assert verdict.verdict == "inconclusive"
