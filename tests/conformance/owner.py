"""A program for tests: an owner of a provider that reports, and then waits to be killed or does one thing.

Arguments: what to do (``hold``, ``snapshot``, ``use``), the provider's cache folder, a word of its own.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from pytest_metr.interfaces import Sandbox
from pytest_metr.sandbox.bubblewrap import BubblewrapProvider
from pytest_metr.types import Resources


def main(what: str, cache: Path, word: str) -> None:
    def build(sandbox: Sandbox) -> None:
        with (cache / "builds").open("a", encoding="utf-8") as file:
            file.write(f"{word}\n")
        if what == "snapshot":
            time.sleep(1)

    with BubblewrapProvider(cache_dir=cache) as provider:
        snapshot = provider.snapshot("owner", build)
        if what == "snapshot":
            sys.stdout.write(snapshot)
            return
        with provider.create(snapshot, internet=False, resources=Resources(), label="owned") as sandbox:
            for user in ("root", "agent"):
                sandbox.exec(["sh", "-c", f"sleep {word} & setsid sleep {word} &"], user=user)
            sandbox.write_file("/home/agent/work", b"x", user="agent", mode=0)
            ids = [sandbox.exec(["id", "-u"], user=user).out.strip() for user in ("agent", "root")]
            sys.stdout.write(" ".join(ids) + "\n")
            sys.stdout.flush()
            if what == "hold":
                time.sleep(600)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
