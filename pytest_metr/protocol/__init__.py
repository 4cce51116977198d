"""The mathematics of an evaluation: weights and the overall score."""

from pytest_metr.protocol.score import check_weights, weighted_mean
from pytest_metr.protocol.weights import WEIGHTINGS, task_weights

__all__ = ["WEIGHTINGS", "check_weights", "task_weights", "weighted_mean"]
