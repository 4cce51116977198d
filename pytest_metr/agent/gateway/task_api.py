"""What a program in the sandbox can ask about its own run: an intermediate score, and what is left of the limits."""

from __future__ import annotations

import dataclasses
import math
import threading

from pytest_metr.agent.gateway.messages import Answer, HttpRequest
from pytest_metr.agent.gateway.server import Refused, Routes
from pytest_metr.interfaces import Workspace


class TaskApi:
    """``POST /metr/score`` and ``GET /metr/limits``."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._scoring = threading.Lock()
        self._closed = False

    @property
    def routes(self) -> Routes:
        """What this answers, see :class:`~pytest_metr.agent.gateway.server.Server`."""
        return {("POST", "/metr/score"): self.score, ("GET", "/metr/limits"): self.limits}

    def score(self, request: HttpRequest) -> Answer:  # noqa: ARG002 - a route takes the request
        """Take an intermediate score; ``score`` is null where the task does not show it.

        :raises Refused: (404) where the task has no intermediate scoring.
        """
        if not self._workspace.can_score:
            raise Refused(404, "not_found_error", "this task has no intermediate scoring")
        # A task is asked for one score at a time, whatever its methods could take.
        with self._scoring:
            if self._closed:
                raise Refused(403, "permission_error", "the agent's command has ended")
            visible = self._workspace.score()
        score = visible.score
        valid = score is not None and math.isfinite(score)  # NaN is no valid score, and no JSON either
        return Answer(body={"message": visible.message, "score": score if valid else None})

    def limits(self, request: HttpRequest) -> Answer:  # noqa: ARG002 - as above
        """Tell the limits in force and what is left of them; null is no limit."""
        left = self._workspace.check_limits()
        return Answer(body={"limits": self._workspace.limits.to_json(), "left": dataclasses.asdict(left)})

    def close(self) -> None:
        """Take no more scores. Returns when one that is being taken has been, so that the task is its own again."""
        with self._scoring:
            self._closed = True
