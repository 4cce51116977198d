"""What the reaper does with an engine's answers, the rare ones included."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from docker.errors import APIError, NotFound

from pytest_metr.errors import SandboxError
from pytest_metr.sandbox.docker import labels
from pytest_metr.sandbox.docker.labels import container_labels
from pytest_metr.sandbox.docker.network import NAME, in_network, network_for
from pytest_metr.sandbox.docker.reaper import reap, would_reap
from pytest_metr.sandbox.owner import mark
from tests.unit.sandbox.engines import MadeUpEngine

DEAD = " ".join(["1", "1", *mark().split()[2:]])


def refusal(status: int) -> APIError:
    response = requests.Response()
    response.status_code = status
    return (NotFound if status == 404 else APIError)("no", response)


class Api:
    """An engine that holds what a test gives it, and answers a removal as the test says."""

    def __init__(self, answers: dict[str, int | None], networks: int = 1) -> None:
        self.answers = dict(answers)
        self.held = list(answers)
        self.networks_held = [{"Id": f"n{number}", "Name": NAME, "Created": "1"} for number in range(networks)]
        self.removed: list[str] = []

    def containers(self, **_: Any) -> list[dict[str, Any]]:
        told = {**container_labels("s", 60, label="family/task"), labels.OWNER: DEAD}
        return [
            {"Id": one, "Names": [f"/{one}"], "Labels": told, "HostConfig": {"NetworkMode": "n0"}} for one in self.held
        ]

    def networks(self, **_: Any) -> list[dict[str, Any]]:
        return self.networks_held

    def remove_container(self, one: str, *, force: bool, v: bool) -> None:
        assert force
        assert v
        status = self.answers[one]
        if status not in (None, 409):
            self.held.remove(one)
        if status is not None:
            raise refusal(status)
        self.held.remove(one)
        self.removed.append(one)

    def remove_network(self, one: str) -> None:
        self.removed.append(one)

    def create_network(self, *_: Any, **__: Any) -> None:
        self.networks_held = [{"Id": f"new{len(self.removed)}", "Name": NAME, "Created": "2"}]


def engine_with(api: Api) -> MadeUpEngine:
    engine = MadeUpEngine()
    engine.api = api
    return engine


def test_what_is_removed_is_told_with_its_name_what_for_and_the_session() -> None:
    api = Api({"one": None})
    engine = engine_with(api)
    line = "container one (family/task; session s)"
    assert would_reap(engine) == [line, f"network {NAME}"]
    assert reap(engine) == [line, f"network {NAME}"]
    assert api.removed == ["one", "n0"]


@pytest.mark.parametrize("status", [404, 409])
def test_what_another_removes_at_the_same_moment_is_no_error_and_not_told(status: int) -> None:
    api = Api({"one": status, "two": None}, networks=0)
    assert reap(engine_with(api)) == ["container two (family/task; session s)"]


def test_a_network_is_kept_as_long_as_a_container_of_it_is_there() -> None:
    api = Api({"one": 409}, networks=2)  # it is just being removed
    assert reap(engine_with(api)) == [f"network {NAME}"]
    assert api.removed == ["n1"]


def test_an_engine_that_fails_is_an_error_with_its_words() -> None:
    with pytest.raises(SandboxError, match=r"container one \(family/task; session s\) could not be removed"):
        reap(engine_with(Api({"one": 500})))


def test_a_container_whose_network_was_removed_just_before_is_made_again() -> None:
    api = Api({})
    seen: list[str] = []

    def make(network: str) -> str:
        seen.append(network)
        if len(seen) == 1:
            api.networks_held = []  # another process was faster
            raise SandboxError("there is no such network")
        return "made"

    assert in_network(engine_with(api), make, internet=True) == "made"
    assert seen == ["n0", "new0"]


@pytest.mark.parametrize("internet", [True, False])
def test_a_container_that_cannot_be_made_for_another_reason_is_not_tried_again(internet: bool) -> None:
    seen: list[str] = []

    def make(network: str) -> str:
        seen.append(network)
        raise SandboxError("there is another reason")

    with pytest.raises(SandboxError, match="another reason"):
        in_network(engine_with(Api({})), make, internet=internet)
    assert seen == ["n0" if internet else "none"]


def test_of_two_networks_that_were_made_at_once_every_process_takes_the_same() -> None:
    assert network_for(engine_with(Api({}, networks=2)), internet=True) == "n0"
