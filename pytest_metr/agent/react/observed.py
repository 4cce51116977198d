"""What is counted of an agent's behaviour, because it says how far to trust the result."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

#: The name in a record's ``observed`` -> what it means.
OBSERVED: Mapping[str, str] = MappingProxyType(
    {
        "no_call": "a reply that called no tool",
        "empty_answer": "of those, one that said nothing either",
        "malformed_call": "a call of a tool that is not there, or with arguments that do not fit",
        "refusal": "a reply in which the model, or its maker, declined to answer",
        "filtered": "a request that the server's filter let not through, so that there was no reply",
        "cut_short": "a reply that ended because the model's room for output was used up",
        "context_cut": "the oldest turns were cut, to keep below the model's window",
        "too_long": "a request that the server refused as longer than the model's window",
        "tool_timeout": "a command that took too long and was killed with its session",
        "session_ended": "a shell or an interpreter that ended by itself in the middle of the work",
        "submitted_at_once": "a submission before any other tool was used",
        "empty_submission": "a submission of nothing",
        "gave_up": "the run ended without a submission, because the model went on without a proper call",
    }
)
