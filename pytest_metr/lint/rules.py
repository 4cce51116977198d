"""The rules by name, and what they find in a family."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

from pytest_metr.errors import UsageMistake
from pytest_metr.lint import code_rules, control_rules, file_rules, manifest_rules, text_rules
from pytest_metr.lint.findings import Allowed, Finding, Linted
from pytest_metr.lint.view import FamilyView

Rule = Callable[[FamilyView], Iterator[Finding]]

#: What is looked for, in the order in which it is told.
RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "manifest": manifest_rules.manifest,
        "quality": manifest_rules.quality,
        "canary": text_rules.canary,
        "readme": text_rules.readme,
        "instructions": text_rules.instructions,
        "solution": file_rules.solution,
        "tests": file_rules.own_tests,
        "seed": file_rules.seed,
        "size": file_rules.sizes,
        "pins": file_rules.pins,
        "controls": control_rules.controls,
        "forgeable": code_rules.forgeable,
        "determinism": code_rules.determinism,
    }
)


def lint_family(view: FamilyView) -> Linted:
    """Return what the rules find, without what the manifest allows with a reason (``meta.lint: {rule: reason}``).

    :raises UsageMistake: where it allows a rule that there is not, or gives no reason.
    """
    allowed = _allowed(view)
    findings: list[Finding] = []
    passed = []
    for name, rule in RULES.items():
        found = list(dict.fromkeys(rule(view)))
        if name in allowed:
            passed.append(Allowed(rule=name, reason=allowed[name], findings=len(found)))
        else:
            findings += found
    return Linted(family=view.family.name, findings=tuple(findings), allowed=tuple(passed))


def _allowed(view: FamilyView) -> dict[str, str]:
    meta = view.family.manifest.meta
    given = meta.get("lint") if isinstance(meta, dict) else None
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise UsageMistake("expected rules and the reasons to allow them", file=view.manifest, key="meta.lint")
    for rule, reason in given.items():
        if rule not in RULES:
            message = f"unknown rule: expected one of {', '.join(RULES)}"
            raise UsageMistake(message, file=view.manifest, key=f"meta.lint.{rule}")
        if not isinstance(reason, str) or not reason.strip():
            raise UsageMistake("expected a reason", file=view.manifest, key=f"meta.lint.{rule}")
    return dict(given)


def the_same_canary(views: Iterable[FamilyView]) -> Iterator[Finding]:
    """Yield a finding for each canary that another family has too: it would not tell which of them was leaked."""
    first: dict[str, FamilyView] = {}
    for view in views:
        for text in view.canaries:
            before = first.setdefault(text, view)
            if before is not view:
                message = f"expected a canary of its own, found that of {before.family.name}"
                yield Finding(rule="canary", file=str(view.manifest), message=message)
