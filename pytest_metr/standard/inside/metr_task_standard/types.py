"""The types of the METR Task Standard, versions 0.3 to 0.5. They describe plain dicts and check nothing at run time."""

from __future__ import annotations

from typing import Any, Literal, TypedDict, Union

__all__ = [
    "BuildStep",
    "FileBuildStep",
    "GPUSpec",
    "IntermediateScoreResult",
    "Permission",
    "ScoreLogEntry",
    "ShellBuildStep",
    "Task",
    "VMSpec",
]

#: One value of ``get_tasks``: whatever the family likes.
Task = Any

#: One item of what ``get_permissions`` returns.
Permission = Literal["full_internet"]


class GPUSpec(TypedDict):
    """GPUs of one model: at least the first and at most the second number of ``count_range``."""

    count_range: tuple[int, int]
    model: Literal["v100", "a10", "a100", "h100", "t4"]


class FileBuildStep(TypedDict):
    """Copy a file or folder of the family folder to ``destination`` (absolute, or relative to ``/root``)."""

    type: Literal["file"]
    source: str
    destination: str


class ShellBuildStep(TypedDict):
    """Run each command with ``bash -c`` as root."""

    type: Literal["shell"]
    commands: list[str]


BuildStep = Union[FileBuildStep, ShellBuildStep]


class VMSpec(TypedDict, total=False):
    """What ``get_aux_vm_spec`` returns: the auxiliary machine that a task asks for."""

    cpu_count_range: tuple[int, int]
    ram_gib_range: tuple[int, int]
    cpu_architecture: Literal["x64", "arm64"]
    gpu_spec: GPUSpec | None
    base_image_type: Literal["debian-12", "ubuntu-20.04-cuda"]
    build_steps: list[BuildStep]


class IntermediateScoreResult(TypedDict, total=False):
    """What ``intermediate_score`` returns: the agent sees ``message`` and never ``details``."""

    score: float
    message: dict[str, Any]
    details: dict[str, Any]


class ScoreLogEntry(IntermediateScoreResult, total=False):
    """One item of the ``score_log`` that ``aggregate_scores`` is given."""

    scored_at: str
    elapsed_seconds: float
