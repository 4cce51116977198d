"""The kind ``command`` with a gateway: what its file may say, what its command is given, and how its run ends."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from pytest_metr.agent import KINDS, load_agent, make_agent
from pytest_metr.errors import InfrastructureError, LimitReached, UsageMistake
from pytest_metr.interfaces import VisibleScore
from pytest_metr.types import Limits
from tests.servers import FaultyServer, ScriptedServer, said

from .local import LocalWorld

#: Asks the model as often as its argument says, whatever it is told, and then does not end by itself.
ASK = """
import os, sys, time, urllib.error, urllib.request
body = b'{"messages": [{"role": "user", "content": "hello"}]}'
url = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
headers = {"Authorization": "Bearer " + os.environ["OPENAI_API_KEY"]}
for _ in range(int(sys.argv[1])):
    try:
        urllib.request.urlopen(urllib.request.Request(url, body, headers))
    except urllib.error.HTTPError as error:
        print(error.code, error.read().decode(), flush=True)
time.sleep(float(sys.argv[2]))
"""


def write(tmp_path: Path, **fields: Any) -> None:
    document = {"kind": "command", "command": ["true"], **fields}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")


def run(tmp_path: Path, world: LocalWorld) -> str:
    return make_agent(load_agent("mine", search=[tmp_path])).run(world.workspace)


def asking(tmp_path: Path, server: ScriptedServer, times: int, *, sleep: float = 600) -> None:
    """Write an agent that asks so often, and sleeps then."""
    write(
        tmp_path,
        command=[sys.executable, "-c", ASK, str(times), str(sleep)],
        gateway=True,
        model="openai/small",
        base_url=server.url,
        retries={"most": 0},
    )


def test_keys_of_a_model_are_read_with_a_gateway_alone(tmp_path: Path) -> None:
    write(tmp_path, gateway=True, model="anthropic/small", max_tokens=5)
    spec = load_agent("mine", search=[tmp_path])
    assert spec.settings["gateway"]["max_tokens"] == 5
    assert list(KINDS["command"].secrets(spec)) == ["ANTHROPIC_API_KEY"]
    write(tmp_path, model="just a label")
    assert list(KINDS["command"].secrets(load_agent("mine", search=[tmp_path]))) == []
    for fields, wrong in (
        ({"max_tokens": 5}, "max_tokens: unknown key"),
        ({"gateway": False, "max_tokens": 5}, "max_tokens: unknown key"),
        ({"gateway": "yes"}, "gateway: expected true or false"),
        ({"gateway": True}, "model: expected provider/name"),
        ({"gateway": True, "model": "small"}, "model: expected provider/name"),
    ):
        write(tmp_path, **fields)
        with pytest.raises(UsageMistake, match=wrong):
            load_agent("mine", search=[tmp_path])


def test_an_agent_without_a_gateway_is_the_one_that_it_was(tmp_path: Path) -> None:
    write(tmp_path)
    plain = load_agent("mine", search=[tmp_path])
    assert plain.settings == {"command": ["true"], "env": {}}
    write(tmp_path, gateway=False, packages=[])
    assert load_agent("mine", search=[tmp_path]).identity == plain.identity


def test_the_command_is_given_the_way_to_its_model_and_its_own_variables_go_before(tmp_path: Path) -> None:
    program = "import json, os; print(json.dumps(dict(os.environ)))"
    with ScriptedServer([]) as server:
        asking(tmp_path, server, 0)
        write(
            tmp_path,
            **{**yaml.safe_load((tmp_path / "mine.yaml").read_text()), "command": [sys.executable, "-c", program]},
            env={"OPENAI_API_BASE": "mine"},
        )
        world = LocalWorld(shared_dir=tmp_path / "shared")
        run(tmp_path, world)
    [event] = world.transcript.of("exec")
    given = json.loads(event["stdout"])
    url, token = given["METR_URL"], given["METR_TOKEN"]
    assert {name: given[name] for name in event["env"] if name != "OPENAI_API_BASE"} == {
        "METR_URL": url,
        "METR_TOKEN": token,
        "METR_MODEL": "openai/small",
        "OPENAI_BASE_URL": f"{url}/v1",
        "OPENAI_API_KEY": token,
        "ANTHROPIC_BASE_URL": url,
        "ANTHROPIC_API_KEY": token,
    }
    assert given["OPENAI_API_BASE"] == "mine"


def test_without_a_model_the_gateway_is_there_where_the_task_has_scores(tmp_path: Path) -> None:
    write(tmp_path, command=["env"])
    world = LocalWorld(score=lambda: VisibleScore(message="", score=1.0))
    run(tmp_path, world)
    [event] = world.transcript.of("exec")
    assert event["env"] == ["METR_TOKEN", "METR_URL"]
    world = LocalWorld()
    run(tmp_path, world)
    assert not world.sandbox.forwards


def test_a_limit_of_tokens_ends_the_command_at_once(tmp_path: Path) -> None:
    with ScriptedServer([said("hi")]) as server:
        asking(tmp_path, server, 5)
        world = LocalWorld(limits=Limits(tokens=20), shared_dir=tmp_path / "shared")
        with pytest.raises(LimitReached):
            run(tmp_path, world)
    assert world.workspace.usage.tokens == 30
    assert len(server.asked) == 2
    [limit] = world.transcript.of("limit")
    assert limit["name"] == "tokens"


@pytest.mark.parametrize(("fault", "cause", "hopeless"), [("500", "model", False), ("401", "model_rejected", True)])
def test_a_server_that_cannot_be_asked_ends_the_command_at_once(
    tmp_path: Path, fault: str, cause: str, hopeless: bool
) -> None:
    with FaultyServer([fault]) as server:
        asking(tmp_path, server, 1)
        with pytest.raises(InfrastructureError) as caught:
            run(tmp_path, LocalWorld(shared_dir=tmp_path / "shared"))
    assert (caught.value.cause, caught.value.hopeless) == (cause, hopeless)


def test_a_command_all_of_whose_requests_were_rejected_says_nothing_about_the_agent(tmp_path: Path) -> None:
    with FaultyServer(["400", "422"]) as server:
        asking(tmp_path, server, 2, sleep=0)
        world = LocalWorld(shared_dir=tmp_path / "shared")
        with pytest.raises(InfrastructureError, match="has rejected every request") as caught:
            run(tmp_path, world)
    assert (caught.value.cause, caught.value.hopeless) == ("model_rejected", False)
    [event] = world.transcript.of("exec")
    assert event["stdout"].startswith("400 ")
    with FaultyServer(["400"]) as server:
        asking(tmp_path, server, 2, sleep=0)
        assert run(tmp_path, LocalWorld(shared_dir=tmp_path / "shared")) == ""
