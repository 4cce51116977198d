"""The mathematics of an evaluation: weights, the overall score, the time horizon, intervals."""

from pytest_metr.protocol.best_of import Attempt, Chosen, choose_best
from pytest_metr.protocol.checks import CHECKS, run_checks
from pytest_metr.protocol.compare import compare_agents
from pytest_metr.protocol.competence import BASIC, basic_competence
from pytest_metr.protocol.conditions import condition_holds, judge_condition, parse_condition
from pytest_metr.protocol.elicitation import elicit
from pytest_metr.protocol.evaluate import evaluate_agent
from pytest_metr.protocol.file import content_hash, load_protocol, shipped_protocols
from pytest_metr.protocol.impact import MarginRule, Step, measure_impact
from pytest_metr.protocol.rows import counted
from pytest_metr.protocol.score import check_weights, weighted_mean
from pytest_metr.protocol.weights import WEIGHTINGS, run_weights, task_weights

__all__ = [
    "BASIC",
    "CHECKS",
    "WEIGHTINGS",
    "Attempt",
    "Chosen",
    "MarginRule",
    "Step",
    "basic_competence",
    "check_weights",
    "choose_best",
    "compare_agents",
    "condition_holds",
    "content_hash",
    "counted",
    "elicit",
    "evaluate_agent",
    "judge_condition",
    "load_protocol",
    "measure_impact",
    "parse_condition",
    "run_checks",
    "run_weights",
    "shipped_protocols",
    "task_weights",
    "weighted_mean",
]
