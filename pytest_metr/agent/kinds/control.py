"""The stand-in for an agent that makes a family's controls: attempts whose scores are known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pytest_metr.agent.handover import HOME, SUBMISSION_FILE, ProgramFailed, read_submission
from pytest_metr.agent.identity import identity
from pytest_metr.agent.kind import AgentKind, no_settings
from pytest_metr.errors import InfrastructureError
from pytest_metr.family_layout import CONTROL_PROGRAMS, CONTROLS, SOLUTION, control_script
from pytest_metr.interfaces import Workspace
from pytest_metr.types import AgentSpec

_FOLDER = f"{HOME}/{CONTROLS}"
_SOLUTION = f"{HOME}/{SOLUTION}"


class ControlAgent:
    """Runs ``controls/<control>.py <task>`` (or ``.sh``) as the agent in its home; nothing where there is no script.

    The reference solution is beside it, so that a control can be a part of it.

    :param control: the control's name.
    :param folder: the family's folder of controls, on the host.
    """

    submission_file = SUBMISSION_FILE

    def __init__(self, *, control: str, folder: str) -> None:
        self._control = control
        self._folder = Path(folder)

    def run(self, workspace: Workspace) -> str:
        """Copy the scripts in, run the control's, and hand in what it left.

        :raises InfrastructureError: (cause ``control_failed``) where it ends with an exit status other than 0: what it
            was to show, it has not shown.
        """
        script = control_script(self._folder, self._control)
        if script is None:
            return ""
        workspace.put_tree(self._folder, _FOLDER)
        if workspace.solution is not None:
            workspace.put_tree(workspace.solution, _SOLUTION)
        task = workspace.task_id.partition("/")[2]
        result = workspace.exec([CONTROL_PROGRAMS[script.suffix], f"{_FOLDER}/{script.name}", task], cwd=HOME)
        if not result.ok:
            failed = ProgramFailed(f"the control {script.name}", result)
            raise InfrastructureError(str(failed), cause="control_failed", evidence=failed.evidence)
        return read_submission(workspace) or ""


def _make(spec: AgentSpec) -> ControlAgent:
    return ControlAgent(control=spec.settings["control"], folder=spec.settings["folder"])


#: Not among the kinds that agent files can name: which control it is to make is known from the run alone.
CONTROL = AgentKind(name="controls", check=no_settings, make=_make, paths=("folder",))
#: The stand-in as it is known before a run.
CONTROLS_AGENT = AgentSpec(
    name=CONTROL.name, kind=CONTROL.name, identity=identity(AgentSpec(name="", kind=CONTROL.name))
)


def control_agent(control: str, family_dir: Path) -> AgentSpec:
    """Return the stand-in that makes one control of a family; its identity is that of the family's controls."""
    settings = {"control": control, "folder": str(family_dir / CONTROLS)}
    spec = replace(CONTROLS_AGENT, settings=settings)
    return replace(spec, identity=identity(spec, paths=CONTROL.paths))
