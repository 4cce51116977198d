"""The marks of owners: what is known of the process behind one, here and on other machines."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_metr.sandbox import owner
from pytest_metr.sandbox.owner import is_dead, life_of, mark

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc")


def changed(**words: str) -> str:
    """Return the mark of this process with some of its words changed."""
    names = ("pid", "started", "boot", "namespace", "machine")
    return " ".join(words.get(name, word) for name, word in zip(names, mark().split(), strict=True))


def mark_of_the_dead() -> str:
    code = "from pytest_metr.sandbox.owner import mark; print(mark())"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout


def test_this_process_is_alive_and_an_ended_one_is_dead() -> None:
    assert life_of(mark()) == "alive"
    assert not is_dead(mark())
    dead = mark_of_the_dead()
    assert life_of(dead) == "dead"
    assert is_dead(dead)


def test_a_number_that_another_process_has_by_now_is_not_the_owner() -> None:
    assert life_of(changed(started="1")) == "dead"


def test_of_another_machine_and_of_another_pid_namespace_nothing_is_known() -> None:
    assert life_of(changed(pid="999999999", machine="elsewhere/1234")) == "unknown"
    assert life_of(changed(pid="999999999", namespace="pid:[1]")) == "unknown"
    assert not is_dead(changed(pid="999999999", namespace="pid:[1]"))


def test_an_earlier_boot_is_known_to_a_machine_itself_and_not_to_a_container(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owner, "_namespace", lambda: "pid:[4026531836]")
    assert life_of(changed(boot="an-earlier-one")) == "dead"
    monkeypatch.setattr(owner, "_namespace", lambda: "pid:[4026532000]")
    assert life_of(changed(boot="an-earlier-one")) == "unknown"


def test_without_proc_a_process_of_that_number_is_taken_for_the_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_start_time", "_boot", "_namespace"):
        monkeypatch.setattr(owner, name, lambda *_: "-")
    assert life_of(mark(os.getpid())) == "alive"


@pytest.mark.parametrize("text", ["", "garbage", "1 2 3", "1 2 3 4 5 6", "x 1 - - -"])
def test_what_is_no_mark_is_refused(text: str) -> None:
    here = text.replace("- - -", " ".join(mark().split()[2:]))
    with pytest.raises(ValueError):  # noqa: PT011 (which of them does not matter)
        life_of(here)
    with pytest.raises(ValueError):  # noqa: PT011 (which of them does not matter)
        is_dead(here)
