"""Reading YAML and JSON files strictly: what is wrong is told with its line, and no key counts twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pytest_metr.errors import UsageMistake
from pytest_metr.fields import Fields, describe
from pytest_metr.yaml_text import load_yaml


def read_document(path: Path) -> Fields:
    """Read a file whose content is one mapping: JSON where the name ends in ``.json``, else YAML.

    :raises UsageMistake: where it cannot be read, is malformed (with the line), is empty, is no mapping, or
        holds a key twice.
    """
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise UsageMistake(f"cannot be read: {error.strerror}", file=path) from error
    except UnicodeDecodeError as error:
        raise UsageMistake(f"expected UTF-8, found the byte {error.object[error.start]:#04x}", file=path) from error
    data = _json(text, path) if path.suffix == ".json" else load_yaml(content, path)
    if not isinstance(data, dict) or not data:
        raise UsageMistake(f"expected a mapping from keys to values, found {describe(data)}", file=path)
    return Fields(data, file=path)


def _json(text: str, path: Path) -> Any:
    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in items:
            if key in found:
                raise UsageMistake("the key is there twice", file=path, key=key)
            found[key] = value
        return found

    try:
        return json.loads(text, object_pairs_hook=pairs)
    except json.JSONDecodeError as error:
        raise UsageMistake(f"malformed JSON: line {error.lineno}: {error.msg}", file=path) from error
    except RecursionError as error:
        raise UsageMistake("is nested too deeply", file=path) from error
    except ValueError as error:  # a number with thousands of digits
        raise UsageMistake(f"malformed JSON: {error}", file=path) from error
