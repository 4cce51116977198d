"""The mathematics of an evaluation: weights, the overall score, the time horizon, intervals.

What few commands need is imported from its own module: ``best_of``, ``competence``, ``elicitation``, ``impact``.
"""

from pytest_metr.protocol.checks import CHECKS, run_checks
from pytest_metr.protocol.compare import compare_agents
from pytest_metr.protocol.conditions import condition_holds, judge_condition, parse_condition
from pytest_metr.protocol.evaluate import evaluate_agent
from pytest_metr.protocol.file import content_hash, load_protocol, shipped_protocols
from pytest_metr.protocol.rows import counted
from pytest_metr.protocol.score import check_weights, weighted_mean
from pytest_metr.protocol.weights import WEIGHTINGS, run_weights, task_weights

__all__ = [
    "CHECKS",
    "WEIGHTINGS",
    "check_weights",
    "compare_agents",
    "condition_holds",
    "content_hash",
    "counted",
    "evaluate_agent",
    "judge_condition",
    "load_protocol",
    "parse_condition",
    "run_checks",
    "run_weights",
    "shipped_protocols",
    "task_weights",
    "weighted_mean",
]
