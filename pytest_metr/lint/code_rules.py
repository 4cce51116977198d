"""Rules about code: scorers that an agent could deceive or break, and scores that hang on chance or on the clock."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from pytest_metr.lint.findings import Finding
from pytest_metr.lint.reach import SCORING, STARTING, Found, dotted, is_agents, reached
from pytest_metr.lint.view import FamilyView

#: Ways to read a file that follow links, wait for ever at a fifo, and have no end.
_READS = ("read_text", "read_bytes", "open")
_COPIES = ("shutil.copy", "shutil.copy2", "shutil.copyfile", "shutil.copytree")
#: What runs whatever it is given.
_RUNS = ("eval", "exec", "pickle.load", "pickle.loads", "marshal.load", "marshal.loads", "runpy.run_path", "os.system")
_CLOCK = re.compile(r"(time\.(time|monotonic|perf_counter|process_time)(_ns)?|(datetime|date)\.(now|utcnow|today))$")
_CHANCE = re.compile(r"(os\.urandom|uuid\.uuid[14]|secrets\.(token_\w+|choice|rand\w+)|random\.SystemRandom|hash)$")
_SHARED_RANDOM = re.compile(r"random\.(?!Random$)[a-z]\w*$")
_NETWORK = ("urllib.request", "http.client", "requests", "httpx", "ftplib", "aiohttp")


def forgeable(view: FamilyView) -> Iterator[Finding]:
    """Find where scoring trusts what an agent could have put in its place."""
    for found in reached(view.modules, SCORING):
        for node in ast.walk(found.function):
            if isinstance(node, ast.Call):
                message = _trusts(node, found)
                if message is not None:
                    yield _finding(view, found, node, "forgeable", message)


def _trusts(call: ast.Call, found: Found) -> str | None:
    name = dotted(call.func)
    short = name.rpartition(".")[2]
    if name in _RUNS:
        return f"{name} runs what it is given: an agent's data must not decide what that is"
    if name == "os.open":
        agents = any(is_agents(argument, found.places) for argument in call.args[:1])
        flags = ast.unparse(call.args[1]) if len(call.args) > 1 else ""
        careful = "O_NOFOLLOW" in flags and "O_NONBLOCK" in flags
        return "os.open of an agent's file without O_NOFOLLOW | O_NONBLOCK" if agents and not careful else None
    if name in _COPIES and any(is_agents(argument, found.places) for argument in call.args[:1]):
        return f"{name} of an agent's files follows links: take them as the user agent, or open each with O_NOFOLLOW"
    if short in _READS and isinstance(call.func, ast.Attribute) and is_agents(call.func.value, found.places):
        return f"{short} of an agent's file follows links, waits at a fifo and has no bound: open it with os.open"
    if name == "open" and any(is_agents(argument, found.places) for argument in call.args[:1]):
        return "open of an agent's file follows links, waits at a fifo and has no bound: use os.open"
    return None


def determinism(view: FamilyView) -> Iterator[Finding]:
    """Find what makes a score hang on chance, on the clock, or on the network."""
    for methods, clock in ((SCORING, True), (STARTING, False)):
        for found in reached(view.modules, methods):
            for node in ast.walk(found.function):
                message = _varies(node, clock=clock)
                if message is not None:
                    yield _finding(view, found, node, "determinism", message)


def _varies(node: ast.AST, *, clock: bool) -> str | None:
    if isinstance(node, ast.Import | ast.ImportFrom):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        used = next((name for name in names if name in _NETWORK), None)
        return None if used is None else f"{used}: a task must not depend on the network"
    if not isinstance(node, ast.Call):
        return None
    name = dotted(node.func)
    if _CLOCK.search(name) and (clock or "now" in name or "today" in name or name == "time.time"):
        return f"{name}: a task must depend neither on the date nor on the speed of the machine"
    if _CHANCE.fullmatch(name):
        return f"{name}: another value each time; draw it from random.Random with a seed"
    if _SHARED_RANDOM.fullmatch(name):
        return f"{name}: everybody's generator; use a random.Random with a seed of its own"
    if name == "random.Random" and not (node.args or node.keywords):
        return "random.Random without a seed"
    return None


def _finding(view: FamilyView, found: Found, node: ast.AST, rule: str, message: str) -> Finding:
    line = getattr(node, "lineno", found.function.lineno)
    where = f"line {line}"
    return Finding(rule=rule, file=str(view.dir / found.file), where=where, message=f"{found.function.name}: {message}")
