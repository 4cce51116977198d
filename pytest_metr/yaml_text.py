"""YAML as the files of this package may use it: plain data, duplicate keys refused, mistakes told with their line.

PyYAML parses (with libyaml where it is there); the data is built here, because PyYAML's own constructor
keeps the last of two equal keys in silence, takes long over merge keys that multiply, and is slower.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_metr.errors import UsageMistake

if TYPE_CHECKING:
    from yaml.nodes import Node, ScalarNode

_TAG = "tag:yaml.org,2002:"
_TEXT_TAGS = (f"{_TAG}str", f"{_TAG}value", f"{_TAG}merge")
_VALUE_TAGS = tuple(_TAG + name for name in ("null", "bool", "int", "float", "timestamp", "binary"))
_MAPPING_TAG, _SEQUENCE_TAG, _MERGE_TAG = f"{_TAG}map", f"{_TAG}seq", f"{_TAG}merge"
_NUMBER_TAGS = tuple(_TAG + name for name in ("int", "float", "timestamp"))


def load_yaml(data: bytes, file: Path, *, as_written: Collection[str] = ()) -> Any:
    """Return the one document in *data*, or None where there is none.

    :param file: named in errors.
    :param as_written: keys whose numbers stay text as they are written, such as a version ``1.10``.
    :raises UsageMistake: where it is not YAML, has two documents, a key twice, a tag of another program, a
        value that cannot be (a 13th month), or a part that holds itself.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        reader = loader(data)
        try:
            root = reader.get_single_node()
        finally:
            reader.dispose()
        return None if root is None else _Builder(reader, file, as_written).build(root)
    except yaml.YAMLError as error:
        raise UsageMistake(f"expected valid YAML: {_problem(error, data)}", file=file) from None
    except RecursionError:
        raise UsageMistake("expected valid YAML: it is nested too deeply", file=file) from None


def one_line(key: Any) -> str:
    """Return a key as it can be told in an error."""
    shown = str(key)
    return shown if shown.isprintable() and len(shown) <= 80 else ascii(shown[:80])


def _problem(error: Any, data: bytes) -> str:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    parts = (getattr(error, "context", None), getattr(error, "problem", None))
    text = ", ".join(part for part in parts if part) or getattr(error, "reason", None) or str(error)
    line = mark.line + 1 if mark else _line(error, data)
    return f"line {line}: {text}" if line else text


def _line(error: Any, data: bytes) -> int | None:
    """Return the line of a character that may not be there: such an error tells its position alone."""
    position = getattr(error, "position", None)
    if position is None:
        return None
    if error.encoding == "unicode":  # the parser without libyaml counts characters, all others bytes
        return data.decode("utf-8", "replace").count("\n", 0, position) + 1
    return data.count(b"\n", 0, position) + 1


class _Builder:
    """Builds the data of one document; aliases share their data."""

    def __init__(self, reader: Any, file: Path, as_written: Collection[str]) -> None:
        from yaml.nodes import MappingNode, ScalarNode

        self._reader = reader
        self._file = file
        self._as_written = as_written
        self._built: dict[int, Any] = {}
        self._unfinished: set[int] = set()
        # Manifests are the bulk of what a collection takes: nothing is looked up twice below.
        self._scalar_type = ScalarNode
        self._mapping_type = MappingNode

    def build(self, node: Node) -> Any:
        if type(node) is self._scalar_type:
            return node.value if node.tag == _TEXT_TAGS[0] else self._scalar(node)
        identity = id(node)
        if identity in self._built:
            return self._built[identity]
        if identity in self._unfinished:
            raise self._mistake(node, "expected data that does not hold itself")
        self._unfinished.add(identity)
        data = self._mapping(node) if type(node) is self._mapping_type else self._sequence(node)
        self._unfinished.discard(identity)
        self._built[identity] = data
        return data

    def _scalar(self, node: ScalarNode) -> Any:
        if node.tag in _TEXT_TAGS:
            return node.value
        if node.tag not in _VALUE_TAGS:
            raise self._mistake(node, f"expected plain data, found the tag {node.tag}")
        try:
            return self._reader.yaml_constructors[node.tag](self._reader, node)
        except (ValueError, OverflowError, LookupError, AttributeError):
            raise self._mistake(
                node, f"expected a sensible value, found {node.value[:40]}; put text in quotes"
            ) from None

    def _sequence(self, node: Node) -> list[Any]:
        if node.tag != _SEQUENCE_TAG:
            raise self._mistake(node, f"expected plain data, found the tag {node.tag}")
        return [self.build(item) for item in node.value]

    def _mapping(self, node: Node) -> dict[Any, Any]:
        if node.tag != _MAPPING_TAG:
            raise self._mistake(node, f"expected plain data, found the tag {node.tag}")
        data: dict[Any, Any] = {}
        merged: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE_TAG:
                merged = {**self._merged(value_node), **merged}
                continue
            key = key_node.value if key_node.tag == _TEXT_TAGS[0] else self.build(key_node)
            try:
                if key in data:
                    raise self._twice(node, key_node, key)
            except TypeError:
                raise self._mistake(key_node, "expected a key, found a list or a mapping") from None
            if key in self._as_written and value_node.tag in _NUMBER_TAGS:
                data[key] = value_node.value
            else:
                data[key] = self.build(value_node)
        return {**merged, **data} if merged else data

    def _twice(self, node: Node, second: Node, key: Any) -> UsageMistake:
        first = next(other for other, _ in node.value if other.tag != _MERGE_TAG and self.build(other) == key)
        line = first.start_mark.line + 1
        return self._mistake(second, f"the key is there twice, first in line {line}", key=one_line(key))

    def _merged(self, node: Node) -> dict[Any, Any]:
        found = self.build(node)
        sources = found if isinstance(found, list) else [found]
        merged: dict[Any, Any] = {}
        for source in reversed(sources):
            if not isinstance(source, dict):
                raise self._mistake(node, "expected a mapping, or a list of them, after <<")
            merged.update(source)
        return merged

    def _mistake(self, node: Node, text: str, key: str | None = None) -> UsageMistake:
        return UsageMistake(f"line {node.start_mark.line + 1}: {text}", file=self._file, key=key)
