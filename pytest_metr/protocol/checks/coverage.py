"""Whether the runs that were to be made were made, and how they ended."""

from __future__ import annotations

from pytest_metr.protocol.checks.evidence import Evidence, Finding, counted, naming, run_name, unknown


def coverage(evidence: Evidence) -> Finding:
    """Share of the planned runs that have a score or were left out by staging.

    A family that could not be read counts as one planned run without a score: how many there would have been
    nobody knows. Source: METR's procedure (a result says what was not run, and why).
    """
    rows, broken = evidence.rows, evidence.broken_families
    missing = [f"{run_name(row)} ({row.cause or row.status})" for row in rows if row.missing]
    planned = len(rows) + broken
    if not planned:
        return unknown("no run of a task that counts was planned")
    done = len(rows) - len(missing)
    parts = [f"{done} of {counted(len(rows), 'planned run')} finished or were left out by the protocol's rule"]
    if missing:
        parts.append(f"{len(missing)} without a score{naming(missing)}")
    if broken:
        each = "counts as a missing run" if broken == 1 else "count as a missing run each"
        parts.append(f"{counted(broken, 'family', 'families')} could not be read and {each}")
    return Finding(figure=done / planned, sentence="; ".join(parts))


def infrastructure_errors(evidence: Evidence) -> Finding:
    """Share of the runs that were begun which something other than the agent ended."""
    begun = [row for row in evidence.rows if row.status != "not_run"]
    if not begun:
        return unknown("no run was begun")
    failed = [row for row in begun if row.status == "infra_error"]
    names = [f"{run_name(row)} ({row.cause or 'no cause given'})" for row in failed]
    of = f"{len(failed)} of {counted(len(begun), 'run')} ended in an infrastructure error"
    return Finding(figure=len(failed) / len(begun), sentence=of + naming(names))


def runs_per_task(evidence: Evidence) -> Finding:
    """Smallest number of counted runs of a task; tasks that staging left out altogether are exempt."""
    tasks = {
        task: sum(not row.missing for row in rows)
        for task, rows in evidence.tasks.items()
        if not all(row.zero_by_rule for row in rows)
    }
    if not tasks:
        return unknown("no task was to be run")
    fewest = min(tasks.values())
    names = [task for task, runs in tasks.items() if runs == fewest]
    on = f"the fewest counted runs of a task are {fewest}, on {len(names)} of {counted(len(tasks), 'task')}"
    return Finding(figure=fewest, sentence=on + (naming(names) if len(names) < len(tasks) else ""))


def at_limit(evidence: Evidence) -> Finding:
    """Share of the runs with a score that a limit ended: such an agent may be able to do more than was seen."""
    scored = evidence.scored
    if not scored:
        return unknown("no run has a score")
    ended = [row for row in scored if row.limit is not None or row.status == "limit"]
    names = [run_name(row) + (f" ({row.limit})" if row.limit else "") for row in ended]
    of = f"a limit ended {len(ended)} of {counted(len(scored), 'run')} with a score"
    return Finding(figure=len(ended) / len(scored), sentence=of + naming(names))


def manual_scores(evidence: Evidence) -> Finding:
    """Number of runs that wait for a person to score them."""
    waiting = [run_name(row) for row in evidence.rows if row.status == "needs_score"]
    verb = "waits" if len(waiting) == 1 else "wait"
    return Finding(
        figure=len(waiting), sentence=f"{counted(len(waiting), 'run')} {verb} for a person's score{naming(waiting)}"
    )
