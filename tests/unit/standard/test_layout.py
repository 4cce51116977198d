"""The files of ours that go into a sandbox."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_metr.errors import TaskError
from pytest_metr.standard import layout, layout_key
from pytest_metr.standard.layout import INSIDE, inside_files, put_inside
from pytest_metr.types import ExecResult

from .local import LocalSandbox


def test_the_key_changes_with_the_family(monkeypatch: pytest.MonkeyPatch) -> None:
    assert layout_key("a") == layout_key("a")
    assert layout_key("a") != layout_key("b")


def test_the_key_changes_with_the_secrets_that_install_sees_and_not_with_their_order() -> None:
    keys = [layout_key("a"), layout_key("a", {"K": "1"}), layout_key("a", {"K": "2"}), layout_key("a", {"K1": ""})]
    assert len(set(keys)) == 4
    assert layout_key("a", {}) == keys[0]
    assert layout_key("a", {"K": "1", "L": "2"}) == layout_key("a", {"L": "2", "K": "1"})


def test_the_key_changes_with_our_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = layout_key("a")
    for name, data in inside_files():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    monkeypatch.setattr(layout, "INSIDE", tmp_path)
    assert layout_key("a") == before
    (tmp_path / "helper.py").write_text("# changed")
    assert layout_key("a") != before


def test_the_helper_goes_to_opt_and_the_package_to_where_python_finds_it(tmp_path: Path) -> None:
    sandbox = LocalSandbox(tmp_path)
    sandbox.programs["python"] = lambda _: ExecResult(exit_code=0, stdout=b"/usr/lib/packages\n", stderr=b"")
    put_inside(sandbox)
    assert sorted(sandbox.files) == [
        "/opt/metr/chown_home.py",
        "/opt/metr/helper.py",
        "/opt/metr/metr_inside/__init__.py",
        "/opt/metr/metr_inside/encoding.py",
        "/opt/metr/metr_inside/family.py",
        "/opt/metr/metr_inside/hints.py",
        "/opt/metr/metr_inside/main.py",
        "/opt/metr/metr_inside/own_tests.py",
        "/opt/metr/metr_inside/trace.py",
        "/usr/lib/packages/metr_task_standard/__init__.py",
        "/usr/lib/packages/metr_task_standard/types.py",
    ]


def test_a_sandbox_without_python_is_told(tmp_path: Path) -> None:
    sandbox = LocalSandbox(tmp_path)
    sandbox.programs["python"] = lambda _: ExecResult(exit_code=127, stdout=b"", stderr=b"not found")
    with pytest.raises(TaskError, match="no working python") as caught:
        put_inside(sandbox)
    assert caught.value.evidence["stderr"] == "not found"


@pytest.mark.parametrize("name", [name for name, _ in inside_files()])
def test_our_files_are_in_the_syntax_of_python_3_8(name: str) -> None:
    ast.parse((INSIDE / name).read_text("utf-8"), feature_version=(3, 8))


def test_families_can_import_the_types_of_the_standard() -> None:
    program = """
from metr_task_standard.types import BuildStep, FileBuildStep, GPUSpec, ShellBuildStep, Task, VMSpec
gpu: GPUSpec = {"count_range": (1, 1), "model": "h100"}
steps = [FileBuildStep(type="file", source="a", destination="b"), ShellBuildStep(type="shell", commands=["true"])]
print(VMSpec(cpu_count_range=(1, 2), gpu_spec=gpu, build_steps=steps)["build_steps"][1]["commands"])
"""
    env = {"PYTHONPATH": str(INSIDE), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("['true']\n", "")
