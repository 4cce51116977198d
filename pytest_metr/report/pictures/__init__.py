"""Pictures of a :class:`~pytest_metr.types.ScoreResult`, for which the extra ``report`` must be installed."""

from pytest_metr.report.pictures.draw import draw_brackets, draw_horizon, draw_impact, draw_overview

__all__ = ["draw_brackets", "draw_horizon", "draw_impact", "draw_overview"]
