"""The METR Task Standard's lifecycle of a task, spoken to any :class:`~pytest_metr.interfaces.Sandbox`.

Build a family once (:func:`build_family` under :func:`layout_key`), ask it (:func:`list_tasks`,
:func:`read_task_data`), then run a task with :class:`Lifecycle`.
"""

from pytest_metr.standard.build import build_family
from pytest_metr.standard.certificates import trusted
from pytest_metr.standard.layout import layout_key
from pytest_metr.standard.lifecycle import Lifecycle
from pytest_metr.standard.packages import install_packages, packages_key
from pytest_metr.standard.scores import FinalScore
from pytest_metr.standard.task_data import FULL_INTERNET, TaskData, check_secrets, list_tasks, read_task_data
from pytest_metr.standard.timeouts import Timeouts

__all__ = [
    "FULL_INTERNET",
    "FinalScore",
    "Lifecycle",
    "TaskData",
    "Timeouts",
    "build_family",
    "check_secrets",
    "install_packages",
    "layout_key",
    "list_tasks",
    "packages_key",
    "read_task_data",
    "trusted",
]
