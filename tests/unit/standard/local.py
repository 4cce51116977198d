"""A sandbox for tests of this stage alone: it runs the real helper on a folder of the host, and nothing else.

It isolates nothing. Commands that are not the helper's are answered by ``programs``.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pytest_metr.interfaces import Forward, Process, Serve
from pytest_metr.standard.layout import CHOWN_HOME, HELPER, INSIDE
from pytest_metr.types import DEFAULT_OUTPUT_LIMIT, ExecResult, SandboxInfo, TaskSpec, User

DONE = ExecResult(exit_code=0, stdout=b"", stderr=b"")


@dataclass
class Execution:
    """One command that the sandbox was asked to run."""

    argv: list[str]
    user: str
    cwd: str | None
    env: dict[str, str]
    stdin: bytes
    timeout: float | None


@dataclass
class LocalSandbox:
    """What the Sandbox Protocol asks for, with /root being a folder of the host."""

    root: Path
    programs: dict[str, Callable[[Execution], ExecResult]] = field(default_factory=dict)
    executions: list[Execution] = field(default_factory=list)
    files: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    code_trees: list[Path] = field(default_factory=list)
    trees: list[tuple[Path, str, tuple[str, ...]]] = field(default_factory=list)

    @property
    def info(self) -> SandboxInfo:
        return SandboxInfo(provider="local", image="none")

    def exec(
        self,
        argv: Sequence[str],
        *,
        user: User = "agent",
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        timeout: float | None = None,
        output_limit: int = DEFAULT_OUTPUT_LIMIT,
    ) -> ExecResult:
        execution = Execution(list(argv), user, cwd, dict(env or {}), stdin, timeout)
        self.executions.append(execution)
        if HELPER in argv and HELPER not in self.programs:
            return self._helper(execution)
        if argv[1:4] == ["-I", "-S", "-c"]:
            return self._code_state(execution)
        if argv[0] == "rm":
            for path in argv[3:]:
                shutil.rmtree(self.host_path(path), ignore_errors=True)
            return DONE
        program = next((self.programs[part] for part in reversed(argv) if part in self.programs), None)
        return DONE if program is None else program(execution)

    def _helper(self, execution: Execution) -> ExecResult:
        assert execution.argv[:3] == ["python", "-I", HELPER]
        assert execution.user == "root"
        assert execution.cwd == "/root"
        request = json.loads(execution.stdin.decode("utf-8", "surrogatepass"))
        for key in ("root", "result", "scratch"):
            request[key] = request[key] and str(self.host_path(request[key]))
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-S", "-B", str(INSIDE / "helper.py"), *execution.argv[3:]],
                cwd=self.root,
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **execution.env},
                input=json.dumps(request, ensure_ascii=False).encode("utf-8", "surrogatepass"),
                capture_output=True,
                timeout=execution.timeout,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            return ExecResult(exit_code=None, stdout=error.stdout or b"", stderr=error.stderr or b"", timed_out=True)
        return ExecResult(exit_code=done.returncode, stdout=done.stdout, stderr=done.stderr)

    def _code_state(self, execution: Execution) -> ExecResult:
        request = json.loads(execution.stdin)
        request |= {"root": str(self.root), "trees": [str(tree) for tree in self.code_trees]}
        done = subprocess.run(
            [sys.executable, "-B", *execution.argv[1:]],
            input=json.dumps(request).encode(),
            capture_output=True,
            check=False,
        )
        return ExecResult(exit_code=done.returncode, stdout=done.stdout, stderr=done.stderr)

    def host_path(self, path: str) -> Path:
        """Return where *path*, which is below /root, is on the host."""
        return self.root / Path(path).relative_to("/root")

    def read_file(self, path: str, *, user: User = "root", limit: int | None = None) -> bytes:
        data = self.host_path(path).read_bytes()
        if limit is not None and len(data) > limit:
            raise ValueError(f"{path} is larger than {limit} bytes")
        return data

    def write_file(self, path: str, data: bytes, *, user: User = "root", mode: int = 0o644) -> None:
        self.files[path] = (data, mode)

    def put_tree(
        self,
        source: Path,
        destination: str,
        *,
        user: User = "root",
        exclude: Sequence[str] = (),
        skip: Sequence[str] = (),
    ) -> None:
        self.trees.append((source, destination, tuple(exclude)))
        if destination == "/root":
            ignore = shutil.ignore_patterns(*exclude, *skip)
            shutil.copytree(source, self.root, dirs_exist_ok=True, ignore=ignore, symlinks=True)

    def spawn(
        self,
        argv: Sequence[str],
        *,
        user: User = "agent",
        cwd: str | None = None,
        env: Mapping[str, str] | None = None,
        room: int = DEFAULT_OUTPUT_LIMIT,
    ) -> Process:
        raise AssertionError("this stage starts nothing that goes on")

    def forward(self, serve: Serve) -> Forward:
        raise AssertionError("this stage needs no port")

    def kill_agent(self) -> None:
        raise AssertionError("this stage kills no agent")

    def close(self) -> None:
        pass

    def __enter__(self) -> LocalSandbox:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def methods_called(self) -> list[str]:
        """Return the methods that the helper was asked for, in order, with ``chown`` among them."""
        scripts = [execution.argv[2:] for execution in self.executions if execution.argv[:2] == ["python", "-I"]]
        return [
            "chown" if script[0] == CHOWN_HOME else script[-1]
            for script in scripts
            if script[0] in (HELPER, CHOWN_HOME)
        ]


def sandbox_with(tmp_path: Path, body: str, *, family: str = "riddles") -> LocalSandbox:
    """Return a sandbox that holds the family *family* with the source *body*."""
    root = tmp_path / "root"
    root.mkdir()
    (root / f"{family}.py").write_text(textwrap.dedent(body), "utf-8")
    return LocalSandbox(root)


def spec(name: str = "first", *, family: str = "riddles") -> TaskSpec:
    """Return a task of the family that :func:`sandbox_with` makes."""
    return TaskSpec(family=family, name=name, family_dir=f"/families/{family}", family_hash="0" * 64)
