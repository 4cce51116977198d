"""The secrets of tasks: a file of ``NAME=value`` lines, given with ``--metr-env-file``."""

from __future__ import annotations

from pathlib import Path

from pytest_metr.errors import UsageMistake


def read_env_file(path: Path | None) -> dict[str, str]:
    """Read the secrets; none where no file is given. Nothing in a value is expanded.

    :raises UsageMistake: where the file cannot be read, or a line is no assignment.
    """
    if path is None:
        return {}
    from dotenv.parser import parse_stream

    try:
        with path.open(encoding="utf-8") as stream:
            bindings = list(parse_stream(stream))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageMistake(f"cannot be read: {error}", file=path, key="--metr-env-file") from None
    secrets = {}
    for binding in bindings:
        if binding.key is None and not binding.error:
            continue  # a comment or an empty line
        if binding.error or binding.key is None or binding.value is None:
            raise UsageMistake("expected NAME=value", file=path, key=f"line {binding.original.line}")
        secrets[binding.key] = binding.value
    return secrets
