"""The small programs of the fake world, and as much of a shell as tests of callers need."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pytest_metr.sandbox.fake.files import Files, Node
from pytest_metr.types import User


@dataclass(slots=True, kw_only=True)
class Call:
    """One call of a program: what it is given. It may change *files*."""

    argv: Sequence[str]
    user: User
    cwd: str
    env: Mapping[str, str]
    stdin: bytes
    files: Files
    programs: Mapping[str, Program] = field(default_factory=dict)

    def path(self, name: str) -> str:
        """Return *name* as an absolute path."""
        return posixpath.normpath(posixpath.join(self.cwd, name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a program leaves behind.

    :param exit_code: as of :class:`~pytest_metr.types.ExecResult`.
    :param seconds: how long it is said to have taken; no time passes.
    """

    exit_code: int = 0
    stdout: bytes = b""
    stderr: bytes = b""
    seconds: float = 0.0


#: A program of the fake world.
Program = Callable[[Call], Done]


def run(call: Call) -> Done:
    """Run the program that ``argv[0]`` names; 127 where there is none, 126 where it is no program."""
    name = call.argv[0] if call.argv else ""
    program = call.programs.get(posixpath.basename(name)) or call.programs.get(name)
    if program is not None:
        try:
            return program(call)
        except OSError as error:
            return Done(exit_code=1, stderr=f"{name}: {error.filename}: {error.strerror}\n".encode())
    if "/" in name:
        try:
            call.files.get(call.path(name), call.user)
        except OSError:
            return Done(exit_code=127, stderr=f"{name}: not found\n".encode())
        return Done(exit_code=126, stderr=f"{name}: Permission denied\n".encode())
    return Done(exit_code=127, stderr=f"{name}: not found\n".encode())


def _cat(call: Call) -> Done:
    if len(call.argv) == 1:
        return Done(stdout=call.stdin)
    return Done(stdout=b"".join(_content(call, name) for name in call.argv[1:]))


def _content(call: Call, name: str) -> bytes:
    return call.files.get(call.path(name), call.user).data


def _echo(call: Call) -> Done:
    return Done(stdout=(" ".join(call.argv[1:]) + "\n").encode("utf-8", "surrogateescape"))


def _printf(call: Call) -> Done:
    text = " ".join(call.argv[1:]).encode("utf-8", "surrogateescape").decode("unicode_escape")
    return Done(stdout=text.encode("latin-1"))


def _id(call: Call) -> Done:
    number = "0" if call.user == "root" else "1000"
    return Done(stdout=(call.user if "-un" in call.argv else number).encode() + b"\n")


def _env(call: Call) -> Done:
    return Done(stdout="".join(f"{k}={v}\n" for k, v in call.env.items()).encode())


def _tee(call: Call) -> Done:
    for name in call.argv[1:]:
        call.files.put(call.path(name), Node(kind="file", data=call.stdin, mode=0o644), call.user)
    return Done(stdout=call.stdin)


def _ls(call: Call) -> Done:
    names = call.files.children(call.path(call.argv[-1] if len(call.argv) > 2 else "."), call.user)
    return Done(stdout="".join(f"{name}\n" for name in names).encode())


def _stat(call: Call) -> Done:
    """``stat -c %a PATH`` and ``stat -c %F PATH``, of a link itself."""
    node = call.files.nodes[call.files.resolve(call.path(call.argv[3]), call.user, follow=False)]
    kinds = {"file": "regular file", "dir": "directory", "link": "symbolic link", "fifo": "fifo"}
    return Done(stdout=(f"{node.mode:o}" if call.argv[2] == "%a" else kinds[node.kind]).encode() + b"\n")


def _ln(call: Call) -> Done:
    target, name = call.argv[-2:]
    call.files.put(call.path(name), Node(kind="link", data=target.encode(), mode=0o777), call.user)
    return Done()


def _mkdir(call: Call) -> Done:
    for name in call.argv[1:]:
        if name != "-p":
            call.files.make_folders(call.path(name), call.user)
    return Done()


def _mkfifo(call: Call) -> Done:
    call.files.put(call.path(call.argv[1]), Node(kind="fifo", mode=0o644), call.user)
    return Done()


def _rm(call: Call) -> Done:
    for name in call.argv[1:]:
        if not name.startswith("-"):
            call.files.remove(call.path(name), call.user)
    return Done()


def _sh(call: Call) -> Done:
    """``sh -c SCRIPT``: commands joined by ``;`` and ``&&``, ``> FILE``, ``>&2``, ``exit N``, ``kill -N $$``."""
    out, err, seconds, last = b"", b"", 0.0, Done()
    words = shlex.shlex(call.argv[2], posix=True, punctuation_chars=";&>")
    words.whitespace_split = True
    for command, joined in _commands(list(words)):
        if joined == "&&" and last.exit_code != 0:
            continue
        if command[:1] == ["exit"]:
            last = Done(exit_code=int(command[1]))
            break
        if command[:1] == ["kill"] and command[-1] == "$$":
            last = Done(exit_code=-int(command[1].lstrip("-")))
            break
        last = _command(call, command)
        out, err, seconds = out + last.stdout, err + last.stderr, seconds + last.seconds
    return Done(exit_code=last.exit_code, stdout=out, stderr=err, seconds=seconds)


def _commands(words: list[str]) -> list[tuple[list[str], str]]:
    commands: list[tuple[list[str], str]] = [([], ";")]
    for word in words:
        if word in (";", "&&"):
            commands.append(([], word))
        else:
            commands[-1][0].append(word)
    return [(command, joined) for command, joined in commands if command]


def _command(call: Call, words: list[str]) -> Done:
    target = None
    if len(words) > 2 and words[-2] in (">", ">&"):
        words, target = words[:-2], words[-2:]
    argv = [call.env.get(word[1:], "") if word.startswith("$") else word for word in words]
    done = run(
        Call(
            argv=argv,
            user=call.user,
            cwd=call.cwd,
            env=call.env,
            stdin=call.stdin,
            files=call.files,
            programs=call.programs,
        )
    )
    if target is None:
        return done
    if target == [">&", "2"]:
        return Done(exit_code=done.exit_code, stderr=done.stderr + done.stdout, seconds=done.seconds)
    call.files.put(call.path(target[1]), Node(kind="file", data=done.stdout, mode=0o644), call.user)
    return Done(exit_code=done.exit_code, stderr=done.stderr, seconds=done.seconds)


PROGRAMS: Mapping[str, Program] = {
    "cat": _cat,
    "echo": _echo,
    "printf": _printf,
    "pwd": lambda call: Done(stdout=f"{call.cwd}\n".encode()),
    "id": _id,
    "env": _env,
    "sleep": lambda call: Done(seconds=float(call.argv[1])),
    "true": lambda _: Done(),
    "false": lambda _: Done(exit_code=1),
    "chown": lambda _: Done(),
    "tee": _tee,
    "ls": _ls,
    "stat": _stat,
    "ln": _ln,
    "mkdir": _mkdir,
    "mkfifo": _mkfifo,
    "rm": _rm,
    "sh": _sh,
}
