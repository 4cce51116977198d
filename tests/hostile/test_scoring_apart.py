"""Scoring takes code and data from no place that the agent can write to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.hostile.arena import Arena, Grounds

#: Prints which of the paths on its standard input this user could change, or put something else in the place of.
WRITABLE = """
import json, os, sys
for path in json.load(sys.stdin):
    place = path
    while True:
        for name in {place, os.path.realpath(place)}:
            if os.access(name, os.W_OK):
                print(path, "by", name)
        if place == "/":
            break
        place = os.path.dirname(place)
"""
#: Variables by which programs find code, data or settings; scoring may have none but those that are looked at.
FINDERS = (
    "BASH_ENV",
    "CDPATH",
    "ENV",
    "IFS",
    "LD_PRELOAD",
    "LOCPATH",
    "NLSPATH",
    "TERMINFO",
    "TZDIR",
    "XDG_CONFIG_HOME",
)


@pytest.fixture(scope="module")
def arena(grounds: Grounds) -> Iterator[Arena]:
    made = Arena(grounds, limited=False)
    yield made
    made.close()


@pytest.fixture(scope="module")
def view(arena: Arena) -> dict[str, Any]:
    """What the process that scores says about itself."""
    found: dict[str, Any] = json.loads(arena.run("view").final_score("").output["stdout"])
    return found


def writable(arena: Arena, paths: set[str]) -> list[str]:
    """Return what the agent could change of *paths*, or of the folders above them."""
    told = arena.sandbox.exec(["python", "-c", WRITABLE], stdin=json.dumps(sorted(paths)).encode(), timeout=60)
    assert told.ok, told.err
    return told.out.splitlines()


def test_the_agents_own_places_are_told_as_such(arena: Arena) -> None:
    told = writable(arena, {"/home/agent/x.py", "/tmp/x.py", "/root/x.py"})
    assert {line.split()[0] for line in told} == {"/home/agent/x.py", "/tmp/x.py"}


def test_python_in_scoring_is_isolated(view: dict[str, Any]) -> None:
    assert view["flags"] == {"isolated": 1, "ignore_environment": 1, "no_user_site": 1}
    assert view["cwd"] == "/root"


def test_nothing_that_scoring_runs_can_be_changed_by_the_agent(arena: Arena, view: dict[str, Any]) -> None:
    environment = view["environment"]
    paths = {*view["path"], *view["child"]["path"], *view["prefixes"], *view["modules"], *view["libraries"]}
    paths |= {view["cwd"], view["child"]["cwd"], view["executable"], view["standard"], environment["HOME"]}
    paths |= {entry for name in ("PATH", "LD_LIBRARY_PATH") for entry in environment.get(name, "").split(":")}
    # The empty path is the working folder, which is among them.
    paths.discard("")
    assert {path for path in paths if not path.startswith("/")} == set()
    assert len(paths) > 30
    assert writable(arena, paths) == []


def test_no_variable_leads_scoring_elsewhere(view: dict[str, Any]) -> None:
    names = set(view["environment"])
    assert not names & set(FINDERS)
    # Images of Python say in such variables what they are made of.
    assert {name for name in names if name.startswith("PYTHON")} <= {"PYTHON_VERSION", "PYTHON_SHA256"}


def test_temporary_files_of_scoring_are_its_own(arena: Arena, view: dict[str, Any]) -> None:
    if arena.sandbox.exec(["test", "-O", "/home/agent"], user="root").ok:
        # One user stands behind both, so a folder for all protects nothing.
        assert view["tempdir"].startswith("/root/.metr-")
        assert view["environment"]["TMPDIR"] == view["tempdir"]
    else:
        assert arena.shell(f"stat -c '%a %U' {view['tempdir']}").out == "1777 root\n"
