"""A look over task families for what would make their scores worth less."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from pytest_metr.collect import Family, read_family
from pytest_metr.collect.controls import read_controls
from pytest_metr.commands.answer import Answer, json_lines
from pytest_metr.commands.families import DEFAULT_FOLDER, add_docker_base, add_folders, all_families
from pytest_metr.errors import UsageMistake
from pytest_metr.interfaces import Provider
from pytest_metr.lint import RULES, FamilyView, Finding, Linted, lint_family, the_same_canary
from pytest_metr.lint.view import read_modules
from pytest_metr.options import SANDBOXES
from pytest_metr.providers import Wanted, choose
from pytest_metr.standard import build_family, layout_key, list_tasks, read_task_data
from pytest_metr.texts import printable
from pytest_metr.types import Record, Resources


@dataclass(frozen=True, slots=True, kw_only=True)
class LintDocument(Record):
    """All families below some folders after the look.

    :param asked: whether the families were asked for their instructions, which takes a sandbox.
    """

    asked: bool
    families: tuple[Linted, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    add_folders(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--no-sandbox", action="store_true", help="leave out what takes a sandbox: what the instructions say"
    )
    parser.add_argument("--sandbox", choices=SANDBOXES, default="auto", help="what makes the sandboxes (default: auto)")
    add_docker_base(parser)
    parser.epilog = f"Rules: {', '.join(RULES)}. A manifest allows one with a reason: meta.lint: {{rule: reason}}."


def run(arguments: argparse.Namespace) -> Answer:
    """Look over the families; the status is 1 where something is found.

    :raises MetrError: where a family cannot be read, or does not say its instructions.
    """
    folders = arguments.folders or [DEFAULT_FOLDER]
    families = [read_family(folder) for folder in all_families(folders)]
    if not families:
        raise UsageMistake("expected at least one family, found none", file=folders[0])
    with ExitStack() as opened:
        provider: Provider | None = None
        if not arguments.no_sandbox:
            wanted = Wanted(docker_base=arguments.docker_base, session="lint")
            provider = choose(arguments.sandbox, wanted).provider
            opened.callback(provider.close)
        views = [_view(family, provider) for family in families]
    linted = _linted(views)
    document = LintDocument(asked=not arguments.no_sandbox, families=linted)
    lines = json_lines("lint", document.to_json()) if arguments.json else _lines(document)
    return Answer(lines=lines, status=1 if any(family.findings for family in linted) else 0)


def _linted(views: Sequence[FamilyView]) -> tuple[Linted, ...]:
    doubles = list(the_same_canary(views))
    families = []
    for view in views:
        own = lint_family(view)
        more = tuple(finding for finding in doubles if finding.file == str(view.manifest))
        families.append(Linted(family=own.family, findings=(*own.findings, *more), allowed=own.allowed))
    return tuple(families)


def _view(family: Family, provider: Provider | None) -> FamilyView:
    tasks, instructions = _asked(family, provider)
    return FamilyView(
        family=family,
        tasks=tasks,
        controls=read_controls(family.dir, tasks),
        instructions=instructions,
        modules=read_modules(family.dir),
    )


def _asked(family: Family, provider: Provider | None) -> tuple[Sequence[str], Mapping[str, str] | None]:
    """Return the names of the tasks, and their instructions where there is a sandbox to ask in.

    Families are asked without secrets.
    """
    if provider is None:
        return family.manifest_tasks or (), None
    snapshot = provider.snapshot(layout_key(family.hash), lambda box: build_family(box, family.dir, secrets={}))
    with provider.create(snapshot, internet=False, resources=Resources(), label=family.name) as sandbox:
        names = family.manifest_tasks or list_tasks(sandbox, family.name, secrets={})
        told = {name: read_task_data(sandbox, family.task(name), secrets={}).instructions for name in names}
    return names, told


def _lines(document: LintDocument) -> list[str]:
    findings: list[Finding] = [finding for family in document.families for finding in family.findings]
    lines = [printable(finding.line) for finding in findings]
    for family in document.families:
        for allowed in family.allowed:
            lines.append(
                printable(f"{family.family}: allows {allowed.rule}: {allowed.reason} ({allowed.findings} found)")
            )
    if not document.asked:
        lines.append("instructions: not looked at, which takes a sandbox")
    count = len(document.families)
    lines.append(f"{len(findings)} findings in {count} {'family' if count == 1 else 'families'}")
    return lines
