"""The agent that knows the answer: it runs the family's reference solution."""

from __future__ import annotations

from pathlib import Path

from pytest_metr.agent.handover import HOME, SUBMISSION_FILE, ProgramFailed, read_submission
from pytest_metr.agent.kind import AgentKind, no_settings
from pytest_metr.errors import InfrastructureError
from pytest_metr.family_layout import SOLUTION
from pytest_metr.interfaces import Workspace
from pytest_metr.types import AgentSpec

_SOLUTION = f"{HOME}/{SOLUTION}"


class OracleAgent:
    """Runs the first there is of ``<task>.py``, ``<task>.sh``, ``solve.py <task>`` and ``solve.sh <task>``.

    A task that the oracle does not pass is broken, or its solution is.
    """

    submission_file = SUBMISSION_FILE

    def run(self, workspace: Workspace) -> str:
        """Copy the solution in, run it as the agent in its home, and hand in what it left.

        :raises InfrastructureError: cause ``no_solution``.
        :raises AgentError: where the solution ends with an exit status other than 0.
        """
        family, _, task = workspace.task_id.partition("/")
        argv = None if workspace.solution is None else solution_command(workspace.solution, task)
        if workspace.solution is None or argv is None:
            raise InfrastructureError(
                f"family {family} has no solution/ for task {task}: the oracle cannot run", cause="no_solution"
            )
        workspace.put_tree(workspace.solution, _SOLUTION)
        result = workspace.exec(argv, cwd=HOME)
        if not result.ok:
            raise ProgramFailed(f"the solution {argv[1]}", result)
        return read_submission(workspace) or ""


def solution_command(solution: Path, task: str) -> list[str] | None:
    """Return the command line, inside the sandbox, that solves *task*, or None where there is none.

    :param solution: the folder on the host.
    """
    files = {path.name for path in solution.iterdir() if path.is_file()} if solution.is_dir() else set()
    own = task.replace("/", "_").replace(" ", "_")
    for program, name, arguments in (
        ("python", f"{own}.py", []),
        ("bash", f"{own}.sh", []),
        ("python", "solve.py", [task]),
        ("bash", "solve.sh", [task]),
    ):
        if name in files:
            return [program, f"{_SOLUTION}/{name}", *arguments]
    return None


def _make(spec: AgentSpec) -> OracleAgent:  # noqa: ARG001 - the Protocol names it
    return OracleAgent()


ORACLE = AgentKind(name="oracle", check=no_settings, make=_make, needs_file=False)
