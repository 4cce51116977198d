"""The loop, with a model whose replies are written down."""

from __future__ import annotations

import dataclasses

import pytest

from pytest_metr.agent.models.chat import Message, Reply, ToolCall
from pytest_metr.agent.models.errors import ModelRejected
from pytest_metr.agent.react import OBSERVED
from pytest_metr.errors import AgentError, LimitReached
from tests.unit.agent.fakes import World
from tests.unit.react.scripted import Run, call, rejected, says, submits


def test_the_model_gets_the_task_its_tools_and_its_limits_and_what_its_calls_give() -> None:
    run = Run(
        says("I look.", call("bash", command="ls")),
        submits("yes\n"),
        world=World(wall_seconds=600, instructions="Say $yes."),
    )
    assert run.submission == "yes\n"
    first, second = run.model.asked
    system, task = first.messages
    assert (system.role, task.role) == ("system", "user")
    assert "- bash: Run a command in bash." in system.text
    assert "Your limits: 600 seconds in all." in system.text
    assert task.text == "The task:\n\nSay $yes."
    assert [tool.name for tool in first.tools] == ["bash", "python", "submit"]
    assert second.messages[:2] == first.messages
    assert second.messages[2] == says("I look.", call("bash", command="ls")).message
    assert second.messages[3] == Message(role="tool", text="did ls\n", call_id="call1")
    assert not run.observed


def test_parallel_calls_are_made_in_their_order_with_one_result_each() -> None:
    calls = [call("bash", f"c{number}", command=f"cmd{number}") for number in range(3)]
    run = Run(says("", calls[0], ToolCall(id="bad", name="bash", arguments="{"), *calls[1:]), submits("x"))
    results = run.model.asked[1].messages[3:]
    assert [message.call_id for message in results] == ["c0", "bad", "c1", "c2"]
    assert [message.text for message in results if message.call_id != "bad"] == [f"did cmd{n}\n" for n in range(3)]
    assert [event["command"] for event in run.world.transcript.of("bash")] == ["cmd0", "cmd1", "cmd2"]


def test_nothing_is_done_after_a_submission() -> None:
    run = Run(says("", call("bash", command="one"), call("submit", answer="now"), call("bash", command="two")))
    assert run.submission == "now"
    assert [event["command"] for event in run.world.transcript.of("bash")] == ["one"]
    assert not run.observed


def test_a_malformed_call_is_answered_by_a_correction_and_counted() -> None:
    run = Run(says("", ToolCall(id="a", name="bsh", arguments="{}")), submits(""))
    assert run.told() == [
        "This call could not be made: there is no tool 'bsh', only bash, python, submit. Nothing was done. Correct it "
        "and call again."
    ]
    assert run.observed == {"malformed_call": 1, "submitted_at_once": 1, "empty_submission": 1}
    [event] = run.world.transcript.of("malformed_call")
    assert (event["name"], event["arguments"]) == ("bsh", "{}")


def test_a_model_that_calls_nothing_is_told_and_given_up_in_the_end() -> None:
    run = Run(says("Shall I?"), says(""), says("I will not.", stop="refusal"))
    assert run.submission == ""
    assert "After 2 more such replies" in run.told(1)[0]
    # What was empty is not sent back, which servers refuse.
    assert [message.role for message in run.model.asked[2].messages] == ["system", "user", "assistant", "user", "user"]
    assert run.observed == {"no_call": 3, "empty_answer": 1, "refusal": 1, "gave_up": 1}
    assert "no proper call in 3 replies" in run.world.transcript.of("note")[0]["text"]


def test_a_proper_call_begins_the_count_anew_and_a_malformed_one_does_not() -> None:
    bad = says("", ToolCall(id="a", name="bash", arguments="ls"))
    run = Run(says("a"), bad, says("", call("bash", command="ls")), bad, says("b"), submits("x"))
    assert run.submission == "x"
    assert run.observed == {"no_call": 2, "malformed_call": 2}
    assert Run(bad, bad, give_up_after=2).observed == {"malformed_call": 2, "gave_up": 1}


def test_a_reply_that_was_cut_short_is_told_so() -> None:
    run = Run(says("I think and", stop="length"), says("", call("bash", command="ls"), stop="length"), submits("x"))
    assert run.told(1)[0].startswith("Your reply was cut off at the limit of its length")
    assert run.told(2) == ["did ls\n"]
    assert run.observed == {"cut_short": 2, "no_call": 1}


def test_a_request_that_a_filter_stops_is_asked_again_with_a_correction() -> None:
    run = Run(says("", call("bash", command="ls")), rejected("filtered"), submits("x"))
    assert (run.submission, run.observed) == ("x", {"filtered": 1})
    assert len(run.model.asked[2].messages) == len(run.model.asked[1].messages) + 1
    assert Run(*[rejected("filtered")] * 3).observed == {"filtered": 3, "gave_up": 1}


def test_what_the_server_rejects_for_another_reason_goes_on() -> None:
    with pytest.raises(ModelRejected, match="request"):
        Run(rejected("request"))


def test_the_oldest_turns_go_when_the_window_is_full_and_the_cut_is_said() -> None:
    long = [says("x" * 900, call("bash", f"c{number}", command=f"cmd{number}")) for number in range(12)]
    run = Run(*long, submits("x"), context_tokens=2000, max_tokens=100)
    last = run.model.asked[-1].messages
    assert last[:2] == run.model.asked[0].messages
    cut = 3 * 12 - (len(last) - 3)
    assert last[2].role == "user"
    assert last[-1].call_id == "c11"
    told = run.world.transcript.of("context_cut")
    assert last[2].text.startswith(f"[{told[-1]['in_all']} earlier messages were cut here")
    assert run.observed["context_cut"] == len(told) > 1
    assert cut > 0
    assert all(request.max_tokens == 100 for request in run.model.asked)
    for request in run.model.asked:
        called = {each.id for message in request.messages for each in message.calls}
        assert called == {message.call_id for message in request.messages if message.role == "tool"}


def test_a_server_that_finds_it_too_long_is_asked_with_less() -> None:
    turns = [says("x" * 900, call("bash", command="ls")) for _ in range(4)]
    run = Run(*turns, rejected("too_long"), rejected("too_long"), submits("x"))
    lengths = [len(request.messages) for request in run.model.asked]
    assert lengths[:5] == [2, 4, 6, 8, 10]
    assert lengths[4] > lengths[5] > lengths[6] > 3
    assert (run.submission, run.observed) == ("x", {"too_long": 2, "context_cut": 2})


@pytest.mark.parametrize("turns", [0, 1])
def test_a_window_that_cannot_hold_the_task_and_the_newest_turn_is_a_failure_of_the_agent(turns: int) -> None:
    with pytest.raises(AgentError, match="cannot hold the task and the newest turn: the server says"):
        Run(*[says("", call("bash", command="ls"))] * turns, rejected("too_long"))


def test_the_servers_counts_decide_when_it_is_cut() -> None:
    turns = [says("x" * 300, call("bash", f"c{number}", command="ls"), tokens=5900) for number in range(3)]
    run = Run(*turns, submits("x"), context_tokens=6000, max_tokens=100)
    assert run.observed["context_cut"] >= 1


def test_a_limit_ends_it() -> None:
    world = World(wall_seconds=10)
    world.workspace.check_limits()
    world.time.now += 11
    with pytest.raises(LimitReached):
        Run(says("", call("bash", command="ls")), world=world)


def test_calls_in_text_are_found_and_answered_by_the_user() -> None:
    run = Run(
        says("I look.\n```bash\nls -la\n```\nIt shows a file."),
        says("```submit"),
        says("```submit\nyes\n```"),
        tool_calls="text",
    )
    assert run.submission == "yes"
    first, second, _ = run.model.asked
    assert first.tools == ()
    assert "```submit\nthe answer\n```" in first.messages[0].text
    assert "- bash: Run a command in bash." in first.messages[0].text
    assert [message.role for message in second.messages] == ["system", "user", "assistant", "user"]
    assert second.messages[3].text == "Result of bash:\ndid 'ls -la'\n"
    assert run.observed == {"no_call": 1}


def test_texts_of_the_file_stand_in_the_place_of_the_packages() -> None:
    prompts = {"system": "$tools$$", "task": "Do: $instructions", "no_call": "Call! $left"}
    run = Run(says("hm"), submits("x"), prompts=prompts)
    system, task = run.model.asked[0].messages
    assert system.text.startswith("- bash: ")
    assert system.text.endswith("$")
    assert (task.text, run.told()) == ("Do: Say yes.", ["Call! 2"])


def test_what_can_be_observed_is_listed() -> None:
    replies = [says("x" * 900, call("bash", command="ls")) for _ in range(3)]
    nameless = says("", ToolCall(id="", name="", arguments=""))
    odd: list[Reply | Exception] = [says("", stop="length"), rejected("filtered"), rejected("too_long"), nameless]
    run = Run(*replies, *odd, submits(""), give_up_after=9)
    assert set(run.observed) <= set(OBSERVED)


def test_replies_that_come_again_lead_to_the_same_requests() -> None:
    replies = [says("a", call("bash", command="ls"), tokens=500), says(""), says("b", call("bash", command="x"))]
    first, again = Run(*replies, submits("x")), Run(*replies, submits("x"))
    assert [dataclasses.asdict(request) for request in first.model.asked] == [
        dataclasses.asdict(request) for request in again.model.asked
    ]
