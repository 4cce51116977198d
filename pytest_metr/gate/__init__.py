"""Gates: rules that an agent must keep, and the verdict over its runs."""

from pytest_metr.gate.evidence import Evaluate
from pytest_metr.gate.file import load_gate
from pytest_metr.gate.judge import Check, judge, judged_agents
from pytest_metr.gate.matching import at_confidence, check_gate
from pytest_metr.gate.model import Gate, Rule
from pytest_metr.gate.rounds import thresholds, undecided
from pytest_metr.gate.texts import append_step_summary, verdict_lines, verdict_markdown

__all__ = [
    "Check",
    "Evaluate",
    "Gate",
    "Rule",
    "append_step_summary",
    "at_confidence",
    "check_gate",
    "judge",
    "judged_agents",
    "load_gate",
    "thresholds",
    "undecided",
    "verdict_lines",
    "verdict_markdown",
]
