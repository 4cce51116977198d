"""Reading YAML and JSON files strictly: what is wrong is told with its line, and no key counts twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from pytest_metr.agent.fields import Fields, describe
from pytest_metr.errors import UsageMistake


def read_document(path: Path) -> Fields:
    """Read a file whose content is one mapping: JSON where the name ends in ``.json``, else YAML.

    :raises UsageMistake: where it cannot be read, is malformed (with the line), is empty, is no mapping, or
        holds a key twice.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageMistake(f"cannot be read: {error.strerror}", file=path) from error
    except UnicodeDecodeError as error:
        raise UsageMistake(f"expected UTF-8, found the byte {error.object[error.start]:#04x}", file=path) from error
    try:
        data = _json(text, path) if path.suffix == ".json" else _yaml(text, path)
    except RecursionError as error:
        raise UsageMistake("is nested too deeply", file=path) from error
    if not isinstance(data, dict) or not data:
        raise UsageMistake(f"expected a mapping from keys to values, found {describe(data)}", file=path)
    return Fields(data, file=path)


def _yaml(text: str, path: Path) -> Any:
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        _refuse_duplicates(node, path, ())
        return loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}: " if mark else ""
        raise UsageMistake(f"malformed YAML: {where}{error.problem or error.context}", file=path) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise UsageMistake(f"malformed YAML: line {line}: {error.reason}", file=path) from error
    except ValueError as error:  # a date or number that looks right and is none, such as 2024-13-01
        raise UsageMistake(f"malformed YAML: {error}; put the value in quotes", file=path) from error


def _refuse_duplicates(node: yaml.Node, path: Path, above: tuple[yaml.Node, ...]) -> None:
    """PyYAML lets the last of two equal keys win without a word; and an alias may lead back to itself."""
    if any(node is ancestor for ancestor in above):
        raise UsageMistake(f"malformed YAML: line {node.start_mark.line + 1}: the value contains itself", file=path)
    above = (*above, node)
    if isinstance(node, yaml.MappingNode):
        first: dict[tuple[str, str], int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if isinstance(key, yaml.ScalarNode):
                name = (key.tag, key.value)
                if name in first:
                    message = f"line {line}: the key is there twice, first on line {first[name]}"
                    raise UsageMistake(message, file=path, key=key.value)
                first[name] = line
            _refuse_duplicates(value, path, above)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _refuse_duplicates(value, path, above)


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
    except ValueError as error:  # a number with thousands of digits
        raise UsageMistake(f"malformed JSON: {error}", file=path) from error
