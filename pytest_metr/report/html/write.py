"""Writing a page as one file, or as a folder: after a crash there is the old one or the new one."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO

from pytest_metr.errors import UsageMistake
from pytest_metr.report.files import sync_folder
from pytest_metr.report.html.blocks import Block, blocks_of, packed
from pytest_metr.report.html.content import Content
from pytest_metr.report.html.index_data import embedded, index_data
from pytest_metr.report.html.page import FOLDER, MARK, head
from pytest_metr.report.html.titles import summary_of, title_of
from pytest_metr.types import now

_INDEX = "index.html"
_END = b"</body>\n</html>\n"


def write_file(content: Content, path: Path) -> None:
    """Write a page as one file that needs nothing beside it.

    What it holds at a time is bounded by the page's index and one piece of a transcript.

    :raises UsageMistake: where something is there that is no page of ours, or a report cannot be shown.
    :raises OSError: where it cannot be written; an earlier page stays as it was, and nothing else is left behind.
    """
    if path.is_dir() or (path.exists() and not _is_page(path)):
        raise UsageMistake(
            "expected nothing there, or a page that this command has made; found something else", file=path
        )
    blocks, path = _blocks(content), Path(os.path.realpath(path))  # so that a link stays one
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _beside(path)
    try:
        with temporary.open("xb") as file:
            file.write(_head(content, blocks, in_folder=False))
            for block in blocks:
                file.write(f'<script type="application/octet-stream" id="{block.name}">'.encode("ascii"))
                file.writelines(packed(block, content.sides[block.side]))
                file.write(b"</script>\n")
            file.write(_END)
            _sync(file)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_folder(content: Content, path: Path) -> None:
    """Write a page as a folder: ``index.html``, and each run in a file of its own that is loaded when it is opened.

    :raises UsageMistake: where something is there that is no page of ours, or a report cannot be shown.
    :raises OSError: where it cannot be written; an earlier page stays as it was.
    """
    _refuse_others(path)
    blocks, path = _blocks(content), Path(os.path.realpath(path))  # so that a link stays one
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _beside(path)
    try:
        (temporary / FOLDER).mkdir(parents=True)
        for block in blocks:
            with _synced(temporary / FOLDER / f"{block.name}.js") as file:
                file.write(f'metrBlock("{block.name}","'.encode("ascii"))
                file.writelines(packed(block, content.sides[block.side]))
                file.write(b'");\n')
        with _synced(temporary / _INDEX) as file:
            file.write(_head(content, blocks, in_folder=True) + _END)
        sync_folder(temporary)
        _swap(temporary, path)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    sync_folder(path.parent)


def _blocks(content: Content) -> list[Block]:
    return [block for number, side in enumerate(content.sides) for block in blocks_of(number, side)]


def _head(content: Content, blocks: Sequence[Block], *, in_folder: bool) -> bytes:
    data = index_data(content, blocks, made_at=now(), version=version("pytest-metr"))
    title, summary = title_of(content), summary_of(content)
    # Half of a surrogate pair has no UTF-8; in the data it is escaped.
    page = head(title=title, noscript=summary, data=embedded(data), in_folder=in_folder)
    return page.encode("utf-8", "replace")


def _is_page(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MARK)) == MARK


def _refuse_others(path: Path) -> None:
    """Leave alone what this command has not made. :raises UsageMistake: where there is such a thing."""
    if not path.exists():
        return
    if path.is_dir():
        names = {entry.name for entry in path.iterdir()}
        if not names or (names == {_INDEX, FOLDER} and _is_page(path / _INDEX)):
            return
    raise UsageMistake("expected no such folder, or one that this command has made; found something else", file=path)


def _beside(path: Path) -> Path:
    # In the same folder, because a rename is atomic only within one file system.
    return path.with_name(f".{path.name}.{secrets.token_hex(8)}")


def _swap(new: Path, path: Path) -> None:
    """Put a folder in the place of another. There are two renames, as no system has one for folders that hold files."""
    if not path.exists():
        new.replace(path)
        return
    old = _beside(path)
    path.replace(old)
    try:
        new.replace(path)
    except BaseException:
        old.replace(path)
        raise
    shutil.rmtree(old)


@contextlib.contextmanager
def _synced(path: Path) -> Iterator[BinaryIO]:
    with path.open("xb") as file:
        yield file
        _sync(file)


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
