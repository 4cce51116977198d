"""Protocol files: every choice that a number depends on, in a YAML file with a name and a version."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import TypeVar, cast

from pytest_metr.documents import read_document
from pytest_metr.errors import UsageMistake
from pytest_metr.fields import Fields, suggestion
from pytest_metr.protocol.file_parts import NONE, read_brackets, read_checks, read_percents, read_runs, read_threshold
from pytest_metr.protocol.weights import WEIGHTINGS
from pytest_metr.types import RECORDED_WEIGHTS, SPLITS, EvaluationProtocol, Split

T = TypeVar("T")

_FOLDER = Path(__file__).parent / "files"
_PLAIN = "plain"
_SUFFIXES = (".yaml", ".yml")


def shipped_protocols() -> tuple[str, ...]:
    """Return the names of the protocols that the package ships, sorted."""
    return tuple(sorted(file.stem for file in _FOLDER.glob("*.yaml")))


def load_protocol(given: str | Path, *, base: Path | None = None) -> EvaluationProtocol:
    """Read an evaluation protocol; what its file omits has the value of the protocol ``plain``.

    :param given: a shipped name, for example ``plain``, or the path of a ``.yaml`` file.
    :param base: the folder that a relative path is relative to; None for the current one.
    :returns: the protocol with every value, its SHA-256 over all of them. Equal protocols have equal hashes,
        whatever their files are called and however they are written.
    :raises UsageMistake: where there is no such protocol, or its file is wrong: with the file, the key and what
        was expected.
    """
    path = _path(given)
    file = _shipped(str(given)) if path is None else ((base or Path()) / path).absolute()
    blank = EvaluationProtocol(name="", version="")
    over = blank if path is None and given == _PLAIN else load_protocol(_PLAIN)
    protocol = _read(read_document(file), over)
    return replace(protocol, file=None if path is None else str(file), sha256=content_hash(protocol))


def content_hash(protocol: EvaluationProtocol) -> str:
    """Return the SHA-256 over all that a protocol says: its JSON with sorted keys, without *file* and *sha256*."""
    said = {key: value for key, value in protocol.to_json().items() if key not in ("file", "sha256")}
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode("ascii")).hexdigest()


def _path(given: str | Path) -> Path | None:
    """Return the path that is given, or None for a name: a text without a slash and a suffix of YAML."""
    if isinstance(given, Path) or "/" in given or given.endswith(_SUFFIXES):
        return Path(given)
    return None


def _shipped(name: str) -> Path:
    names = shipped_protocols()
    if name not in names:
        known = f"expected one of {', '.join(names)}, or the path of a .yaml file"
        raise UsageMistake(f"{known}, found {name!r}{suggestion(name, names)}", key="protocol")
    return _FOLDER / f"{name}.yaml"


def _read(fields: Fields, over: EvaluationProtocol) -> EvaluationProtocol:
    name, version = _line(fields, "protocol"), _line(fields, "version")
    source = " ".join((fields.optional_text("source") or "").split())
    split = fields.choice("split", ("all", *SPLITS)) or over.split or "all"
    lowest, brackets = read_brackets(fields) or (over.lowest, over.brackets)
    weighting = fields.choice("weighting", (*WEIGHTINGS, RECORDED_WEIGHTS)) or over.weighting
    protocol = replace(
        over,
        name=name,
        version=version,
        source=source,
        split=None if split == "all" else cast(Split, split),
        lowest=lowest,
        brackets=brackets,
        weighting=weighting,
    )
    protocol = _read_arithmetic(fields, protocol)
    protocol = replace(
        protocol,
        staging_above=_staging(fields, over),
        runs=read_runs(fields, over.runs),
        checks=read_checks(fields, over.checks),
    )
    fields.finish()
    return protocol


def _read_arithmetic(fields: Fields, over: EvaluationProtocol) -> EvaluationProtocol:
    success, horizon, interval = (fields.mapping(key) for key in ("success", "horizon", "interval"))
    protocol = replace(
        over,
        success_threshold=read_threshold(success, over.success_threshold),
        fractional=_or(success.optional_flag("fractional"), over.fractional),
        percents=read_percents(horizon) or over.percents,
        regularization=horizon.positive_number("regularization") or over.regularization,
        confidence=interval.number("confidence", "between 0 and 1", lambda n: 0 < n < 1) or over.confidence,
        draws=interval.whole("draws", "from 2 to 1000000", lambda n: 2 <= n <= 1_000_000) or over.draws,
        seed=_or(interval.whole("seed", "from 0 to 2**63 - 1", lambda n: 0 <= n < 2**63), over.seed),
    )
    for section in (success, horizon, interval):
        section.finish()
    return protocol


def _staging(fields: Fields, over: EvaluationProtocol) -> float | None:
    if fields.value("staging") == NONE:
        return None
    if "staging" not in fields:
        return over.staging_above
    staging = fields.mapping("staging")
    above = staging.number("above", "of at least 0 and below 1", lambda n: 0 <= n < 1)
    if above is None:
        staging.wrong("above", "missing; expected a score of at least 0 and below 1")
    staging.finish()
    return above


def _line(fields: Fields, key: str) -> str:
    text = fields.text(key)
    if not (text.strip() and text.isprintable() and len(text) <= 100):
        fields.wrong(key, f"expected one line of 1 to 100 characters, found {text[:40]!a}")
    return text


def _or(value: T | None, otherwise: T) -> T:
    return otherwise if value is None else value
