"""Looking over task families for what makes a score worth less: each rule is a file's role, see ``docs/lint.md``."""

from pytest_metr.lint.findings import Allowed, Finding, Linted
from pytest_metr.lint.rules import RULES, lint_family, the_same_canary
from pytest_metr.lint.view import FamilyView

__all__ = ["RULES", "Allowed", "FamilyView", "Finding", "Linted", "lint_family", "the_same_canary"]
