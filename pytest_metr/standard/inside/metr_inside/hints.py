"""What a person should know about an exception of a family that cannot be seen from its message."""

from __future__ import annotations

import errno
import os
import re
import traceback
from typing import Any

HOME = "/home/agent"
ONE_USER = (
    "(this sandbox has one user behind root and agent: "
    "a family that changes user says needs: [two_users] in its manifest)"
)
CHANGES_USER = re.compile(r"\b(set(re|res|e)?[ug]id|setgroups|initgroups)\(")


def one_user() -> bool:
    """Whether one user stands behind root and the agent: then the agent's home belongs to root as well."""
    return not os.path.isdir(HOME) or os.stat(HOME).st_uid == os.geteuid()  # noqa: PTH112, PTH116 - paths are texts


def hint_of(error: BaseException) -> str:
    """Return a hint for a change of user that the machine refused; empty for everything else."""
    if not isinstance(error, OSError) or error.errno not in (errno.EINVAL, errno.EPERM) or not one_user():
        return ""
    # The frame that raised decides, as the same numbers have many other reasons.
    frames = list(traceback.walk_tb(error.__traceback__))
    lines = traceback.extract_tb(error.__traceback__)
    if not frames:
        return ""
    changes = CHANGES_USER.search(lines[-1].line or "") is not None or _as_user(frames[-1][0])
    return ONE_USER if changes else ""


def _as_user(frame: Any) -> bool:
    """Whether a frame is the one in which ``subprocess`` starts a program as another user or group."""
    if frame.f_code.co_name != "_execute_child" or frame.f_globals.get("__name__") != "subprocess":
        return False
    return any(frame.f_locals.get(name) not in (None, -1) for name in ("uid", "gid", "gids"))
