"""What a model was asked and answered, what came of its calls, and what the agent did, each in Inspect's place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from inspect_ai.event import ErrorEvent, InfoEvent, ModelEvent, SampleLimitEvent, SandboxEvent, ScoreEvent, ToolEvent
from inspect_ai.log import EvalSample
from inspect_ai.model import ChatMessageAssistant, ChatMessageTool, ContentReasoning, ContentText

from tests.unit.inspect_log.sessions import (
    CONVERSATION,
    HAND_IN,
    LOOK,
    SYSTEM,
    TASK,
    answered,
    asked,
    at_times,
    call,
    plan,
    said,
    the_sample,
    told,
)
from tests.unit.report.records import make_record

RECORD = make_record(plan(), score=0.75)


def of_kind(sample: EvalSample, kind: type[Any]) -> list[Any]:
    return [event for event in sample.events if isinstance(event, kind)]


def test_the_messages_are_the_whole_conversation_with_what_came_of_each_call(tmp_path: Path) -> None:
    messages = the_sample(tmp_path, RECORD).messages
    assert [message.role for message in messages] == ["system", "user", "assistant", "tool", "assistant", "tool"]
    assert [message.text for message in messages] == ["Be good.", "The task: add.", "I look.", "a b\n", "Done.", ""]
    look, result = messages[2:4]
    assert isinstance(look, ChatMessageAssistant)
    assert isinstance(result, ChatMessageTool)
    assert look.tool_calls is not None
    [made] = look.tool_calls
    assert (made.id, made.function, made.arguments) == ("call_1", "bash", {"command": "ls"})
    assert (result.tool_call_id, result.function, result.error) == ("call_1", "bash", None)
    assert len({message.id for message in messages}) == len(messages)


def test_each_request_is_a_model_event_with_all_that_was_sent(tmp_path: Path) -> None:
    sample = the_sample(tmp_path, RECORD)
    first, second = of_kind(sample, ModelEvent)
    assert [len(first.input), len(second.input)] == [2, 4]
    assert second.input[2].id == first.output.message.id == sample.messages[2].id
    assert (first.model, first.error, first.retries, first.working_time) == ("openai/gpt-x", None, 1, 1.5)
    assert (first.config.temperature, first.config.max_tokens) == (0.5, 900)
    [tool] = first.tools
    assert (tool.name, tool.description, tool.parameters.required) == ("bash", "Run a command.", ["command"])
    assert first.output.stop_reason == "tool_calls"
    usage = first.output.usage
    assert (usage.input_tokens, usage.input_tokens_cache_read, usage.input_tokens_cache_write) == (150, 100, 50)
    assert (usage.output_tokens, usage.reasoning_tokens, usage.total_tokens, usage.total_cost) == (40, 10, 340, 0.25)
    assert first.call.response["id"] == "answer-1"
    assert (second.timestamp - first.timestamp).total_seconds() == 3
    assert first.working_start == pytest.approx(4)
    assert (first.completed - first.timestamp).total_seconds() == 1


def test_what_was_done_for_a_call_is_a_tool_event_with_the_same_id(tmp_path: Path) -> None:
    sample = the_sample(tmp_path, RECORD)
    bash, submit = of_kind(sample, ToolEvent)
    assert (bash.id, bash.function, bash.arguments, bash.result) == ("call_1", "bash", {"command": "ls"}, "a b\n")
    assert bash.message_id == sample.messages[3].id
    assert (bash.working_time, bash.metadata) == (
        0.5,
        {"exit_code": 0, "timed_out": False, "dropped_bytes": 7},
    )
    assert (bash.completed - bash.timestamp).total_seconds() == 0.5
    assert (submit.id, submit.function, submit.error) == ("call_2", "submit", None)
    assert submit.message_id == sample.messages[-1].id


@pytest.mark.parametrize(
    ("event", "kind", "message"),
    [
        ({"kind": "malformed_call", "name": "bash", "arguments": "{", "problem": "no JSON"}, "parsing", "no JSON"),
        (
            {"kind": "bash", "command": "ls", "timeout": 3.0, "output": "", "timed_out": True},
            "timeout",
            "not done after 3.0 seconds",
        ),
        (
            {"kind": "bash", "command": "ls", "error": "LimitReached: wall_seconds"},
            "limit",
            "LimitReached: wall_seconds",
        ),
        ({"kind": "bash", "command": "ls", "error": "OSError: gone"}, "unknown", "OSError: gone"),
    ],
)
def test_what_went_wrong_with_a_call_is_the_error_of_its_event_and_its_message(
    tmp_path: Path, event: dict[str, Any], kind: str, message: str
) -> None:
    events = [asked(1, [TASK]), answered(1, said("", call("c", "bash", "{"))), event]
    events.append(asked(2, [said(None, call("c", "bash", "{")), told("c", "told")], of=1, kept=1))
    sample = the_sample(tmp_path, RECORD, at_times(events))
    [tool] = of_kind(sample, ToolEvent)
    assert (tool.error.type, tool.error.message) == (kind, message)
    [result] = [message for message in sample.messages if isinstance(message, ChatMessageTool)]
    assert result.error is not None
    assert (result.error.type, result.text) == (kind, "told")
    [assistant] = [message for message in sample.messages if isinstance(message, ChatMessageAssistant)]
    assert assistant.tool_calls is not None
    assert assistant.tool_calls[0].parse_error is not None
    assert assistant.tool_calls[0].arguments == {"arguments": "{"}


def test_servers_that_give_all_calls_the_same_id_do_not_mix_up_their_results(tmp_path: Path) -> None:
    again = [call("same", "bash", {"command": each}) for each in ("one", "two")]
    events = [
        asked(1, [TASK]),
        answered(1, said("", again[0])),
        {"kind": "bash", "command": "one", "output": "1"},
        asked(2, [said("", again[0]), told("same", "1")], of=1, kept=1),
        answered(2, said("", again[1])),
        {"kind": "bash", "command": "two", "output": "2"},
        asked(3, [said("", again[1]), told("same", "2")], of=2, kept=3),
    ]
    sample = the_sample(tmp_path, RECORD, at_times(events))
    results = {message.id: message.text for message in sample.messages if message.role == "tool"}
    assert [results[event.message_id] for event in of_kind(sample, ToolEvent)] == ["1", "2"]


def test_anthropics_messages_are_read_as_well(tmp_path: Path) -> None:
    thought = {"type": "thinking", "thinking": "Hm.", "signature": "s"}
    hidden = {"type": "redacted_thinking", "data": "xyz"}
    use = {"type": "tool_use", "id": "t1", "name": "bash", "input": {"command": "ls"}}
    content = [thought, hidden, {"type": "text", "text": "I look."}, use]
    tools = [{"name": "bash", "description": "Run.", "input_schema": {"type": "object", "properties": {}}}]
    body = {"model": "c", "system": "Be good.", "tools": tools, "max_tokens": 10}
    result = {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "a b"}]}
    shared: dict[str, Any] = {"model": "anthropic/c", "wire": "anthropic", "body": body}
    user = {"role": "user", "content": "The task."}
    events = [
        asked(1, [user], **shared),
        {
            **answered(1, said("")),
            "body": {"content": content, "stop_reason": "tool_use", "usage": {"input_tokens": 1, "output_tokens": 1}},
        },
        asked(2, [{"role": "assistant", "content": content}, result], of=1, kept=1, **shared),
        {"kind": "model_failed", "call": 2, "seconds": 2.0, "status": 529, "cause": "overloaded", "message": "busy"},
    ]
    sample = the_sample(tmp_path, RECORD, at_times(events))
    assert [message.role for message in sample.messages] == ["system", "user", "assistant", "tool"]
    assert sample.messages[2].content == [
        ContentReasoning(reasoning="Hm.", signature="s"),
        ContentReasoning(reasoning="xyz", redacted=True),
        ContentText(text="I look."),
    ]
    first, second = of_kind(sample, ModelEvent)
    assert first.input[0].id == second.input[0].id
    assert second.error == "overloaded: busy (status 529)"
    assert second.output.choices == []


def test_the_main_conversation_is_the_one_with_the_most_requests(tmp_path: Path) -> None:
    aside = {"role": "user", "content": "Sum up."}
    events = [
        asked(1, [SYSTEM, TASK]),
        answered(1, said("One.")),
        asked(2, [said("One."), {"role": "user", "content": "Go on."}], of=1, kept=2),
        answered(2, said("Two."), finish="stop"),
        asked(3, [aside]),
        answered(3, said("Summed up.")),
    ]
    sample = the_sample(tmp_path, RECORD, at_times(events))
    assert [message.text for message in sample.messages][-1] == "Two."
    assert sample.output.completion == "Two."
    assert sample.output.stop_reason == "stop"
    assert len(of_kind(sample, ModelEvent)) == 3


def test_a_request_without_an_answer_says_so(tmp_path: Path) -> None:
    sample = the_sample(tmp_path, RECORD, CONVERSATION[:4])
    [model] = of_kind(sample, ModelEvent)
    assert model.error == "the transcript has no answer to this request"


def test_what_a_command_does_is_in_sandbox_events(tmp_path: Path) -> None:
    events: list[dict[str, Any]] = [
        {
            "kind": "exec",
            "argv": ["sh", "-c", "echo 'a b'"],
            "cwd": "/x",
            "env": {},
            "stdin": "in",
            "exit_code": 3,
            "seconds": 0.25,
            "stdout": "out",
            "stderr": "err",
            "stdout_dropped": 0,
        },
        {"kind": "spawn", "argv": ["sleep", "9"], "cwd": None, "env": {"A": "1"}},
        {"kind": "read_file", "path": "/a", "size": 2, "content": "hi"},
        {"kind": "write_file", "path": "/b", "size": 2, "content": "ho", "mode": "0644"},
    ]
    ran, spawned, read, written = of_kind(the_sample(tmp_path, RECORD, at_times(events)), SandboxEvent)
    assert (ran.cmd, ran.result, ran.output, ran.input) == ("sh -c 'echo '\"'\"'a b'\"'\"''", 3, "outerr", "in")
    assert ran.options == {"cwd": "/x"}
    assert (spawned.cmd, spawned.result, spawned.options) == (
        "sleep 9",
        None,
        {"env": {"A": "1"}, "started_only": True},
    )
    assert (read.action, read.file, read.output) == ("read_file", "/a", "hi")
    assert (written.action, written.file, written.input) == ("write_file", "/b", "ho")


def test_limits_and_errors_have_events_of_their_own(tmp_path: Path) -> None:
    events: list[dict[str, Any]] = [
        {"kind": "limit", "name": "actions", "allowed": 9, "used": 9},
        {"kind": "error", "cause": "sandbox", "message": "gone", "evidence": {"stderr": "no space"}},
    ]
    sample = the_sample(tmp_path, RECORD, at_times(events))
    [limit], [error] = of_kind(sample, SampleLimitEvent), of_kind(sample, ErrorEvent)
    assert (limit.type, limit.limit, limit.message) == ("custom", 9, "actions: 9 of 9 used")
    assert (error.error.message, error.error.traceback) == ("sandbox: gone", "stderr:\nno space")


def test_all_else_is_told_by_info_events_in_its_order(tmp_path: Path) -> None:
    events: list[dict[str, Any]] = [
        {"kind": "note", "text": "so be it"},
        {"kind": "terminal", "seconds": 1.0, "shown": "$ ls"},
        {"kind": "of_their_own", "deep": {"a": [1, None]}},
    ]
    sample = the_sample(tmp_path, RECORD, at_times(events))
    assert [(event.source, event.data) for event in of_kind(sample, InfoEvent)] == [
        ("note", "so be it"),
        ("terminal", {"seconds": 1.0, "shown": "$ ls"}),
        ("of_their_own", {"deep": {"a": [1, None]}}),
    ]


def test_the_parts_of_a_run_are_told_apart_and_time_never_goes_back(tmp_path: Path) -> None:
    sample = the_sample(tmp_path, RECORD)
    names = [event.name for event in sample.events if event.event == "span_begin"]
    assert names == ["init", "solvers", "scorers"]
    times = [event.timestamp for event in sample.events if event.event != "span_end"]
    assert times == sorted(times)
    assert [event.event for event in sample.events][:2] == ["span_begin", "sample_init"]
    scores = of_kind(sample, ScoreEvent)
    assert [(event.scorer, event.intermediate) for event in scores] == [("score", False), ("passed", False)]


def test_calls_written_as_text_are_tool_events_without_a_call_of_the_model(tmp_path: Path) -> None:
    events = [
        asked(1, [TASK]),
        answered(1, said("```bash\nls\n```")),
        {"kind": "bash", "command": "ls", "timeout": 180.0, "output": "a b"},
    ]
    sample = the_sample(tmp_path, RECORD, at_times(events))
    [tool] = of_kind(sample, ToolEvent)
    assert (tool.function, tool.result) == ("bash", "a b")
    assert tool.arguments == {"command": "ls", "timeout": 180.0}
    assert [message.role for message in sample.messages] == ["user", "assistant"]


def test_calls_in_one_reply_are_matched_in_their_order(tmp_path: Path) -> None:
    both = [LOOK, call("call_9", "bash", {"command": "pwd"}), HAND_IN]
    events = [
        asked(1, [TASK]),
        answered(1, said("", *both)),
        {"kind": "bash", "command": "ls", "output": "1"},
        {"kind": "bash", "command": "pwd", "output": "2"},
        {"kind": "submit", "answer": "42", "error": "Submitted: submitted"},
    ]
    sample = the_sample(tmp_path, RECORD, at_times(events))
    assert [event.id for event in of_kind(sample, ToolEvent)] == ["call_1", "call_9", "call_2"]
    assert [message.text for message in sample.messages if message.role == "tool"] == ["1", "2", ""]
