"""The page around the data: its head, its policy of security, its style and its program."""

from __future__ import annotations

import html
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

#: The first bytes of every page, by which one is known again before it is replaced.
MARK = b"<!doctype html>\n<!-- pytest-metr report -->\n"
STYLES = ("base.css", "layout.css", "tables.css", "plots.css", "transcript.css")
#: In the order in which they build on each other.
SCRIPTS = (
    "dom.js",
    "words.js",
    "state.js",
    "table.js",
    "plots.js",
    "overview.js",
    "elicitation.js",
    "comparison.js",
    "lists.js",
    "blocks.js",
    "events.js",
    "timeline.js",
    "run.js",
    "pair.js",
    "keys.js",
    "main.js",
)
#: Where the blocks of a page that is a folder are, and how each says which it is.
FOLDER = "runs"


def asset(name: str) -> str:
    """Return the text of a file beside the page's program."""
    return files("pytest_metr.report.html").joinpath("assets", name).read_text(encoding="utf-8")


def program() -> str:
    """Return the page's program: one strict function, so that it leaves no name behind."""
    parts = "\n".join(asset(name) for name in SCRIPTS)
    return f'(() => {{\n"use strict";\n{parts}\n}})();'


def head(*, title: str, noscript: str, data: str, in_folder: bool) -> str:
    """Return the page up to the place where blocks may follow.

    :param title: plain text, which is escaped here.
    :param noscript: what is shown where no program may run; plain text as well.
    :param data: JSON without characters that HTML acts on.
    :param in_folder: whether the blocks are files beside the page, which its program loads one by one.
    """
    style, script = "\n".join(asset(name) for name in STYLES), program()
    policy = _policy(style, script, in_folder=in_folder)
    return (
        f"{MARK.decode('ascii')}"
        '<html lang="en" dir="ltr">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{html.escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f'<noscript><p class="noscript">{html.escape(noscript)}</p></noscript>\n'
        f'<div id="app" data-blocks="{"files" if in_folder else "inside"}"></div>\n'
        f'<script type="application/json" id="data">{data}</script>\n'
        f"<script>{script}</script>\n"
    )


def _policy(style: str, script: str, *, in_folder: bool) -> str:
    """Return the policy: what this very page brings may run and be loaded, and nothing else.

    In a folder the page's own program loads the blocks, which are scripts, as a page from a disk may load nothing else.
    """
    scripts, types = (f"{_hash(script)} 'strict-dynamic'", "metr") if in_folder else (_hash(script), "'none'")
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {scripts}",
            f"style-src {_hash(style)}",
            "img-src 'none'",
            "connect-src 'none'",
            "form-action 'none'",
            "base-uri 'none'",
            "require-trusted-types-for 'script'",
            f"trusted-types {types}",
        )
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode('ascii')}'"
