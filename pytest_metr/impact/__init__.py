"""Studies of what elicitation added: the file that names the steps, and their runs."""

from pytest_metr.impact.read_steps import ReadSteps, read_steps
from pytest_metr.impact.study import Study, StudyStep, load_study

__all__ = ["ReadSteps", "Study", "StudyStep", "load_study", "read_steps"]
