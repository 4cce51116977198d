"""Which functions of a family run when it scores, and which of their names stand for places that an agent can write to.

This is reading, not proof: names are followed, values are not. What is found is worth a look; what is not may be there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

#: Where agents can write.
AGENTS_PLACES = ("/home/agent", "/tmp", "/var/tmp", "/dev/shm")
SCORING = ("score", "intermediate_score", "aggregate_scores")
STARTING = ("get_tasks", "get_instructions", "get_permissions", "start")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Found:
    """A function, the file that it is in, and the names that stand for an agent's places inside it."""

    file: str
    function: Function
    places: frozenset[str]


def reached(modules: Mapping[str, ast.Module], roots: Iterable[str]) -> list[Found]:
    """Return the functions that those of the names *roots* may call, themselves included."""
    known = _functions(modules)
    globals_of = {file: frozenset(_bound_to_places(module.body, frozenset())) for file, module in modules.items()}
    places: dict[tuple[str, str], frozenset[str]] = {}
    pending = [(name, frozenset[str]()) for name in roots]
    while pending:
        name, arguments = pending.pop()
        for found_file, function in known.get(name, ()):
            key, before = (found_file, name), places.get((found_file, name))
            given = arguments | globals_of[found_file] | (before or frozenset())
            inside = frozenset(_bound_to_places(ast.walk(function), given)) | given
            if before is not None and inside <= before:
                continue
            places[key] = inside
            pending += _calls(function, inside, known)
    return [
        Found(file, function, places[file, name])
        for name, functions in known.items()
        for file, function in functions
        if (file, name) in places
    ]


def is_agents(node: ast.AST, places: frozenset[str]) -> bool:
    """Whether an expression names a place that an agent can write to."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id in places:
            return True
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value.startswith(AGENTS_PLACES):
            return True
    return False


def dotted(node: ast.AST) -> str:
    """Return a name with its dots, as far as it is one: ``os.open``."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _functions(modules: Mapping[str, ast.Module]) -> dict[str, list[tuple[str, Function]]]:
    known: dict[str, list[tuple[str, Function]]] = {}
    for file, module in modules.items():
        for node in ast.walk(module):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                known.setdefault(node.name, []).append((file, node))
    return known


def _bound_to_places(nodes: Iterable[ast.AST], places: frozenset[str]) -> Iterator[str]:
    """Yield the names that assignments and loops bind to an agent's places, each seen in the light of those before."""
    seen = set(places)
    for node in nodes:
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign) and is_agents(node.value, frozenset(seen)):
            targets = node.targets
        elif isinstance(node, ast.For) and is_agents(node.iter, frozenset(seen)):
            targets = [node.target]
        for target in targets:
            for part in ast.walk(target):
                if isinstance(part, ast.Name):
                    seen.add(part.id)
                    yield part.id


def _calls(
    function: Function, places: frozenset[str], known: Mapping[str, list[tuple[str, Function]]]
) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the functions that are called or handed on, each with its parameters that stand for an agent's places."""
    for node in ast.walk(function):
        if isinstance(node, ast.Name | ast.Attribute):
            name = node.id if isinstance(node, ast.Name) else node.attr
            if name in known:
                yield name, frozenset()
        if isinstance(node, ast.Call):
            name = dotted(node.func).rpartition(".")[2]
            for _, called in known.get(name, ()):
                parameters = [argument.arg for argument in called.args.args]
                agents = [is_agents(argument, places) for argument in node.args]
                yield name, frozenset(p for p, is_place in zip(parameters, agents, strict=False) if is_place)
