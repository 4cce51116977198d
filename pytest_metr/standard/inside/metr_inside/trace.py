"""The traceback of a family's exception, as it is kept for whoever has to find out what went wrong."""

from __future__ import annotations

import os
import traceback
from types import TracebackType

from .encoding import safe_text

#: The folder of the helper, /opt/metr in a sandbox.
OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep  # noqa: PTH100, PTH120 - loads little
#: Stands between our frames and a family's while its module is imported.
IMPORTLIB = "<frozen importlib."


def trace_of(error: BaseException) -> str:
    """Return the traceback of *error* and of the exceptions behind it, each from the family's first frame on.

    Where no frame is the family's, nothing but the exception itself is left. Changes the tracebacks of the exceptions.
    """
    seen: set[int] = set()
    rest: list[BaseException | None] = [error]
    while rest:
        link = rest.pop()
        if link is not None and id(link) not in seen:
            seen.add(id(link))
            link.__traceback__ = without_ours(link.__traceback__)
            rest += [link.__cause__, link.__context__]
    return safe_text(_format, error)


def without_ours(trace: TracebackType | None) -> TracebackType | None:
    """Return *trace* from its first frame that is not ours on; None where there is none."""
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith((OURS, IMPORTLIB)):
        trace = trace.tb_next
    return trace


def _format(error: BaseException) -> str:
    return "".join(traceback.format_exception(type(error), error, error.__traceback__))
