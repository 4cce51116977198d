"""A session takes the best provider that works, or says in one line why none does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_metr import providers
from pytest_metr.errors import UsageMistake
from pytest_metr.interfaces import Provider
from pytest_metr.providers import Wanted
from pytest_metr.sandbox.fake import FakeProvider


def working(works: bool) -> Callable[[Wanted], Provider]:
    return lambda _: FakeProvider(works=works)


def test_auto_takes_the_first_that_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "PROVIDERS", {"a": working(False), "b": working(True), "c": working(True)})
    choice = providers.choose("auto", Wanted())
    assert choice.provider.probe().works
    assert [line.partition(":")[0] for line in choice.passed_over] == ["fake"]


def test_what_is_named_is_not_replaced_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "PROVIDERS", {"a": working(False), "b": working(True)})
    with pytest.raises(UsageMistake, match=r"--sandbox=a: no sandbox can be made here: fake: .*remedy: "):
        providers.choose("a", Wanted())


def test_where_none_works_each_is_named_with_cause_and_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "PROVIDERS", {"a": working(False), "b": working(False)})
    with pytest.raises(UsageMistake) as caught:
        providers.choose("auto", Wanted())
    assert str(caught.value).startswith("--sandbox=auto: no sandbox can be made here: ")
    assert str(caught.value).count("remedy: ") == 2
    assert "\n" not in str(caught.value)
