"""The host's Python as a sandbox sees it, and the virtual environment that a family installs into."""

from __future__ import annotations

import importlib.util
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

#: Where the host's Python is mounted unless it lies in /usr anyway.
MOUNTED = "/opt/python"
_NAME = f"python{sys.version_info.major}.{sys.version_info.minor}"
#: Where a standard library's folder has what was installed besides it.
_PACKAGES = ("site-packages", "dist-packages")
_PIP = """#!/usr/local/bin/python
import sys

from pip._internal.cli.main import main

sys.exit(main())
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPython:
    """The Python of the host, by its paths inside a sandbox.

    :param mount: the prefix on the host, parts of which are mounted at :data:`MOUNTED`; None where /usr has it.
    :param parts: what of it is mounted, relative to it. A prefix may be a person's ``~/.local``.
    :param hidden: folders inside of the parts that are shown empty.
    :param program: the interpreter.
    :param libraries: value for LD_LIBRARY_PATH, or None where the interpreter finds its library by itself.
    :param pip: the bundled wheel of pip, or None where this Python has none.
    """

    version: str
    mount: Path | None
    program: str
    libraries: str | None
    pip: str | None
    parts: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    @property
    def environment(self) -> dict[str, str]:
        """The variables without which the interpreter does not start."""
        return {} if self.libraries is None else {"LD_LIBRARY_PATH": self.libraries}


def host_python() -> HostPython:
    """Find out about the Python that runs this."""
    prefix = Path(sys.base_prefix).resolve()
    in_usr = _inside_usr(prefix)
    interpreter = _interpreter(prefix)
    program = _inside(interpreter, prefix, in_usr)
    parts = () if in_usr else _parts(prefix, interpreter)
    wheels = [_inside(wheel, prefix, in_usr) for wheel in _wheels() if in_usr or _shown(wheel, prefix, parts)]
    shared = bool(sysconfig.get_config_var("Py_ENABLE_SHARED")) and not in_usr
    return HostPython(
        version=".".join(map(str, sys.version_info[:3])),
        mount=None if in_usr else prefix,
        program=program or f"{MOUNTED}/bin/{_NAME}",
        libraries=f"{MOUNTED}/lib" if shared else None,
        pip=next((wheel for wheel in wheels if wheel), None),
        parts=parts,
        hidden=tuple(
            f"{part}/{name}"
            for part in parts
            for name in _PACKAGES
            if (prefix / part / name).is_dir() and not (prefix / part / name).is_symlink()
        ),
    )


def python_mounts(python: HostPython, source: Path) -> list[str]:
    """Return bubblewrap's arguments that show the parts of *python*, whose prefix is *source*, read-only."""
    arguments = ["--tmpfs", MOUNTED]
    for part in python.parts:
        arguments += ["--ro-bind", str(source / part), f"{MOUNTED}/{part}"]
    for folder in python.hidden:
        arguments += ["--tmpfs", f"{MOUNTED}/{folder}", "--remount-ro", f"{MOUNTED}/{folder}"]
    # Under these names an environment that is made inside looks for the interpreter below it.
    program = Path(python.program)
    if program.is_relative_to(MOUNTED):
        for name in sorted({"python", "python3", _NAME} - {program.name}):
            arguments += ["--symlink", program.name, str(program.with_name(name))]
    return [*arguments, "--remount-ro", MOUNTED]


def make_environment(local: Path, python: HostPython) -> None:
    """Make *local*, which becomes /usr/local, a virtual environment of *python* with its pip.

    The ``venv`` module would run an interpreter and tie the result to the paths of the host.
    """
    packages = local / "lib" / _NAME / "site-packages"
    for folder in (packages, local / "bin", local / "sbin", local / "include", local / "share", local / "src"):
        folder.mkdir(parents=True)
    home = Path(python.program).parent
    (local / "pyvenv.cfg").write_text(
        f"home = {home}\ninclude-system-site-packages = false\nversion = {python.version}\n", encoding="utf-8"
    )
    (local / "bin" / "python").symlink_to(python.program)
    for name in ("python3", _NAME):
        (local / "bin" / name).symlink_to("python")
    if python.pip is not None:
        (packages / "bundled_pip.pth").write_text(f"{python.pip}\n", encoding="utf-8")
        for name in ("pip", "pip3"):
            script = local / "bin" / name
            script.write_text(_PIP, encoding="utf-8")
            script.chmod(0o755)


def _parts(prefix: Path, interpreter: Path) -> tuple[str, ...]:
    """Return what a Python at *prefix* needs: program, standard library, headers and shared libraries."""
    library, headers = (Path(sysconfig.get_path(name)).name for name in ("stdlib", "include"))
    folders = dict.fromkeys(("lib", sys.platlibdir))
    found = [interpreter] if interpreter.is_relative_to(prefix) else []
    found += [prefix / folder / library for folder in folders] + [prefix / "include" / headers]
    # Some distributions keep what the standard library is linked against in their prefix.
    found += [path for folder in folders for path in sorted((prefix / folder).glob("lib*.so*")) if path.is_file()]
    return tuple(str(path.relative_to(prefix)) for path in found if path.exists())


def _shown(path: Path, prefix: Path, parts: tuple[str, ...]) -> bool:
    return any(path.is_relative_to(prefix / part) for part in parts)


def _interpreter(prefix: Path) -> Path:
    named = prefix / "bin" / _NAME
    return named if named.exists() else Path(sys.executable).resolve()


def _wheels() -> list[Path]:
    # Distributors leave the module out, or keep its wheels elsewhere.
    spec = importlib.util.find_spec("ensurepip")
    folders = [Path(place, "_bundled") for place in (spec.submodule_search_locations or ())] if spec else []
    distributor = sysconfig.get_config_var("WHEEL_PKG_DIR")
    if distributor:
        folders.append(Path(distributor))
    return [wheel.resolve() for folder in folders for wheel in sorted(folder.glob("pip-*.whl"), reverse=True)]


def _inside_usr(path: Path) -> bool:
    return path.is_relative_to("/usr") and not path.is_relative_to("/usr/local")


def _inside(path: Path, prefix: Path, in_usr: bool) -> str | None:
    """Return where a path of the host is in a sandbox, or None where it is not there."""
    if not in_usr and path.is_relative_to(prefix):
        return f"{MOUNTED}/{path.relative_to(prefix)}"
    return str(path) if _inside_usr(path) else None
