"""Builds the machine of a family once: our files, the family's files, its packages, its build steps, ``install``."""

from __future__ import annotations

import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from pytest_metr.errors import TaskError
from pytest_metr.family_layout import not_copied
from pytest_metr.interfaces import Sandbox
from pytest_metr.standard.build_steps import FILE_NAME, FileStep, ShellStep, read_build_steps
from pytest_metr.standard.call import Call, run_call
from pytest_metr.standard.evidence import ending_of, evidence_of, last_line
from pytest_metr.standard.layout import FAMILY_ROOT, put_inside
from pytest_metr.standard.timeouts import Timeouts

_DEFAULTS = Timeouts()


def build_family(
    sandbox: Sandbox,
    family_dir: Path,
    *,
    secrets: Mapping[str, str],
    timeouts: Timeouts = _DEFAULTS,
    build_env: Mapping[str, str] | None = None,
) -> None:
    """Build the family in *family_dir* in a fresh sandbox; made for ``Provider.snapshot``.

    ``install`` sees *secrets* (all of them) and *build_env*; ``pip install -r requirements.txt`` and the commands of
    ``build_steps.json`` see *build_env* alone, which is the place for the address of a package index.

    :raises TaskError: with the cause ``task_build`` (requirements and build steps) or ``task_install``.
    """
    steps = read_build_steps(family_dir)
    env = dict(build_env or {})
    put_inside(sandbox)
    sandbox.put_tree(family_dir, FAMILY_ROOT, user="root", exclude=not_copied(family_dir))
    _install_requirements(sandbox, family_dir, env, timeouts.install)
    for step in steps:
        if isinstance(step, FileStep):
            _copy(sandbox, family_dir, step)
        else:
            _run_commands(sandbox, family_dir, step, env, timeouts.install)
    # The secrets come last: a build setting never takes the place of one.
    call = Call(
        family=family_dir.name,
        method="install",
        cause="task_install",
        timeout=timeouts.install,
        env={**env, **secrets},
    )
    run_call(sandbox, call)


def _install_requirements(sandbox: Sandbox, family_dir: Path, env: Mapping[str, str], timeout: float) -> None:
    path = family_dir / "requirements.txt"
    if not path.is_file():
        return
    lines = (line.strip() for line in path.read_text("utf-8", "replace").splitlines())
    if not any(line and not line.startswith("#") for line in lines):
        return
    pip = ["python", "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "-r", path.name]
    _run(sandbox, pip, str(path), env, timeout)


def _copy(sandbox: Sandbox, family_dir: Path, step: FileStep) -> None:
    if step.source.is_dir():
        exclude = not_copied(family_dir) if step.source == family_dir.resolve() else ()
        sandbox.put_tree(step.source, step.destination, user="root", exclude=exclude)
        return
    # As for the family's own files: no write permission for group and others.
    mode = stat.S_IMODE(step.source.stat().st_mode) & 0o755
    sandbox.write_file(step.destination, step.source.read_bytes(), user="root", mode=mode)


def _run_commands(sandbox: Sandbox, family_dir: Path, step: ShellStep, env: Mapping[str, str], timeout: float) -> None:
    for index, command in enumerate(step.commands):
        where = f"{family_dir / FILE_NAME}: {step.key}.commands[{index}]"
        _run(sandbox, ["bash", "-c", command], where, env, timeout)


def _run(sandbox: Sandbox, argv: Sequence[str], where: str, env: Mapping[str, str], timeout: float) -> None:
    result = sandbox.exec(argv, user="root", cwd=FAMILY_ROOT, env=env, timeout=timeout)
    if not result.ok:
        message = f"{where}: {ending_of(result, timeout)}: {last_line(result)}"
        cause = "out_of_memory" if result.out_of_memory else "task_build"
        raise TaskError(message, cause=cause, evidence=evidence_of(result))
