"""Families for tests, made where a test wants them."""

from __future__ import annotations

from pathlib import Path

CODE = "class TaskFamily:\n    standard_version = '0.3.0'\n"


def make_family(
    parent: Path, name: str = "reverse_hash", *, manifest: str | bytes | None = None, code: str | None = CODE
) -> Path:
    """Make a family's folder and return it; None leaves a file out."""
    folder = parent / name
    folder.mkdir(parents=True)
    if code is not None:
        (folder / f"{name}.py").write_text(code, encoding="utf-8")
    if manifest is not None:
        data = manifest if isinstance(manifest, bytes) else manifest.encode()
        (folder / "manifest.yaml").write_bytes(data)
    return folder
