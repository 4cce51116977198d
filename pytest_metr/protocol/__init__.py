"""The mathematics of an evaluation: weights, the overall score, the time horizon, intervals.

What few commands need is imported from its own module: ``best_of``, ``competence``, ``elicitation``, ``impact``.
"""

from typing import TYPE_CHECKING

from pytest_metr.on_demand import on_demand

if TYPE_CHECKING:
    from pytest_metr.protocol.checks import CHECKS as CHECKS
    from pytest_metr.protocol.checks import run_checks as run_checks
    from pytest_metr.protocol.compare import compare_agents as compare_agents
    from pytest_metr.protocol.conditions import condition_holds as condition_holds
    from pytest_metr.protocol.conditions import judge_condition as judge_condition
    from pytest_metr.protocol.conditions import parse_condition as parse_condition
    from pytest_metr.protocol.evaluate import evaluate_agent as evaluate_agent
    from pytest_metr.protocol.file import content_hash as content_hash
    from pytest_metr.protocol.file import load_protocol as load_protocol
    from pytest_metr.protocol.file import shipped_protocols as shipped_protocols
    from pytest_metr.protocol.rows import counted as counted
    from pytest_metr.protocol.score import check_weights as check_weights
    from pytest_metr.protocol.score import weighted_mean as weighted_mean
    from pytest_metr.protocol.weights import WEIGHTINGS as WEIGHTINGS
    from pytest_metr.protocol.weights import run_weights as run_weights
    from pytest_metr.protocol.weights import task_weights as task_weights
else:
    __getattr__, __dir__ = on_demand(
        __name__,
        checks="CHECKS run_checks",
        compare="compare_agents",
        conditions="condition_holds judge_condition parse_condition",
        evaluate="evaluate_agent",
        file="content_hash load_protocol shipped_protocols",
        rows="counted",
        score="check_weights weighted_mean",
        weights="WEIGHTINGS run_weights task_weights",
    )
