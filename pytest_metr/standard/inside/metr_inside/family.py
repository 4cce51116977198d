"""A family's module and the ways in which its methods are called."""

from __future__ import annotations

import collections.abc
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable
from typing import Any

from .encoding import safe_text


class Fault(Exception):
    """The family broke a rule of the Task Standard; told in one line."""


class Family:
    """The ``TaskFamily`` of a module, its methods called as drivers call them: on the class.

    ``where`` is the method that is being called, for the one line of an error.
    """

    def __init__(self, root: str, name: str) -> None:
        self.where = "import"
        path = os.path.join(root, f"{name}.py")  # noqa: PTH118 - the paths of a family are texts
        # Families import their own modules; no folder that an agent can write to is on the path.
        sys.path.insert(0, root)
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None:
            raise Fault("is no Python file")
        module = importlib.util.module_from_spec(spec)
        # Under its own name, so that its classes can be pickled and its parts can import it.
        sys.modules[name] = module
        spec.loader.exec_module(module)
        if not hasattr(module, "TaskFamily"):
            raise Fault("defines no TaskFamily")
        self.owner: Any = module.TaskFamily

    def has(self, method: str) -> bool:
        """Whether the family defines *method*."""
        return inspect.getattr_static(self.owner, method, None) is not None

    def instance(self) -> Any:
        """Return an object of the family, for what cannot be asked of the class."""
        return self.owner() if isinstance(self.owner, type) else self.owner

    def call(self, method: str, *choices: tuple[Any, ...]) -> Any:
        """Call *method* with the first of *choices* (tuples of arguments) that its signature takes."""
        self.where = method
        if not self.has(method):
            raise Fault("is not defined")
        raw = inspect.getattr_static(self.owner, method)
        targets: list[Callable[[], Any]] = [lambda: getattr(self.owner, method)]
        if inspect.isfunction(raw) and isinstance(self.owner, type):
            wants_self = next(iter(inspect.signature(raw).parameters), None) == "self"
            targets = [*([] if wants_self else targets), lambda: getattr(self.instance(), method)]
        for target in targets:
            function = target()
            for arguments in choices:
                if accepts(function, arguments):
                    return function(*arguments)
        # No signature fits: Python's own message says best what is wrong.
        return targets[0]()(*choices[0])

    def attribute(self, name: str, default: Any) -> Any:
        """Return an attribute of the family, a property's value included."""
        self.where = name
        if not self.has(name):
            return default
        raw = inspect.getattr_static(self.owner, name)
        return getattr(self.instance() if isinstance(raw, property) else self.owner, name)

    def tasks(self) -> dict[str, Any]:
        """Return what ``get_tasks`` returns, checked."""
        found = self.call("get_tasks", ())
        if not isinstance(found, collections.abc.Mapping):
            raise Fault(f"returned {a_type(found)}, expected a dict of task names to tasks")
        for key in found:
            if not isinstance(key, str):
                raise Fault(f"has the task name {safe_text(repr, key)} ({type(key).__name__}), expected a str")
        return dict(found)


def accepts(function: Any, arguments: tuple[Any, ...]) -> bool:
    """Whether the signature of *function* takes *arguments*; a builtin's that has none to show does."""
    try:
        inspect.signature(function).bind(*arguments)
    except TypeError:
        return False
    except ValueError:
        return True
    return True


def a_type(value: Any) -> str:
    """Return the name of a value's type, as a person reads it."""
    return "None" if value is None else f"a {type(value).__name__}"
