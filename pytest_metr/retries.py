"""Which failures of the infrastructure are worth another try, and how long to wait before it."""

from __future__ import annotations

from dataclasses import dataclass

#: Causes that another try would only meet again, or that mean that nothing can be kept.
_SURE_TO_COME_BACK = frozenset(
    {
        "agent_changed",
        "agent_packages",
        "aux_vm",
        "broken_family",
        "control_failed",
        "internal",
        "journal",
        "missing_secret",
        "model_rejected",
        "no_recording",
        "no_sandbox",
        "no_solution",
        "refused",
        "setup",
        "task_build",
        "task_changed",
        "task_data",
        "task_install",
        "task_list",
        "task_permissions",
        "transcript",
        "unknown_task",
        "usage",
    }
)
#: Causes that are neither the agent's nor the task's doing. Once an agent has begun, only these are worth another try:
#: an agent that spoils its own scoring, or fills the memory or the disk of its machine, must not be given another
#: attempt for it.
_NOBODYS_DOING = frozenset(
    {"container_removed", "daemon", "exec", "image_missing", "model", "sandbox", "worker_crashed"}
)

#: The status, in a pytest report, of a run whose worker has died and that another worker makes again.
TRIED_AGAIN = "tried again"


def worth_another_try(cause: str, *, agent_began: bool) -> bool:
    """Whether a run that failed by *cause* may come out otherwise, and it is fair to find out.

    :param cause: of an :class:`~pytest_metr.errors.InfrastructureError`.
    :param agent_began: whether the agent had begun to work when it failed.
    """
    return cause in _NOBODYS_DOING if agent_began else cause not in _SURE_TO_COME_BACK


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryRules:
    """How often a run is tried again in one session, and after how long.

    :param most: how many times, after the first.
    :param pauses: seconds before the first, the second, ... time; the last one holds for all that follow.
    """

    most: int = 2
    pauses: tuple[float, ...] = (1.0, 4.0, 15.0, 30.0)

    def pause(self, failed: int) -> float:
        """Return the seconds to wait when *failed* tries (1 or more) have failed in a row."""
        return self.pauses[min(failed, len(self.pauses)) - 1]
