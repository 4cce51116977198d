"""The providers that the suite is run over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from pytest_metr.interfaces import Provider
from pytest_metr.sandbox import BubblewrapProvider
from pytest_metr.sandbox.fake import FakeProvider

#: How many processes an agent may have in these tests: few, so that a fork bomb stays small.
MAX_PROCESSES = 48

PROVIDERS: Mapping[str, Callable[[Path], Provider]] = {
    "fake": lambda _: FakeProvider(),
    "bubblewrap": lambda cache: BubblewrapProvider(cache_dir=cache, max_processes=MAX_PROCESSES),
}
#: Those with a real kernel below them: processes, signals, a network.
REAL = tuple(name for name in PROVIDERS if name != "fake")
#: By provider: the environment variable that lets its tests be skipped where it does not work.
OPT_OUT = {"bubblewrap": "METR_TESTS_WITHOUT_BUBBLEWRAP"}
