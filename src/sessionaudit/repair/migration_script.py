"""Make the SQL of what is missing of a migration: by our own cures, from what its replay made.

The missing objects become a contract, which the planner holds against the database: so the script has the guards, the
order and the hazards of a repair. What the file does with rows, and what has no cure, is not in it, and is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.audits import evaluation
from sessionaudit.audits.audit import Read
from sessionaudit.audits.migrations.unseen import unseen
from sessionaudit.audits.selection import Selection
from sessionaudit.contract import writer
from sessionaudit.contract.loader import outline
from sessionaudit.contract.migrations import PLATFORMS
from sessionaudit.core.finding import Severity
from sessionaudit.core.held_back import Reason
from sessionaudit.core.node import nearest
from sessionaudit.core.report import Report
from sessionaudit.core.schema import Schema
from sessionaudit.core.step import Hazard
from sessionaudit.core.visible import shell_word
from sessionaudit.errors import EXIT_DATABASE, SessionAuditError, UsageError
from sessionaudit.kinds import KINDS
from sessionaudit.postgres import catalog
from sessionaudit.postgres.connection import describe
from sessionaudit.repair import propose, script
from sessionaudit.repair.missing_models import is_weaker, missing_models, with_holders, without_later

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sessionaudit.audits.evaluation import Examination
    from sessionaudit.audits.migrations.effects import History, MigrationReplay
    from sessionaudit.audits.migrations.model import Migration
    from sessionaudit.audits.migrations.session import MigrationsRun
    from sessionaudit.audits.migrations.standing import LackingEffect, MigrationStanding, OtherwiseThere
    from sessionaudit.audits.migrations.verdicts import MigrationVerdict, Verdicts
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.repair.propose import PlanOptions, Proposal

_KINDS = {kind.name: kind for kind in KINDS}


class UnreplayedError(SessionAuditError):
    """Of a migration nothing is known that could be made."""

    exit_code = EXIT_DATABASE


class MigrationScript(Struct, frozen=True, kw_only=True):
    """The plan that makes what is missing of a migration; `left_out` says what of it no plan could make.

    `later` tells what it makes as later files leave it.
    """

    migration: Migration
    proposal: Proposal
    left_out: tuple[str, ...]
    later: tuple[str, ...] = ()
    on_platform: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether after the script nothing of the migration is missing, as far as its objects tell."""
        plan = self.proposal.plan
        return not (self.left_out or plan.held or plan.uncured or self.proposal.preflight.refusals)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return self.is_whole and not self.proposal.plan.steps


def propose_missing(run: MigrationsRun, version: str, options: PlanOptions) -> MigrationScript:
    """Make the plan for a migration, told by its version, its name or its file. Writes nothing.

    Raises UsageError where there is no such migration, UnreplayedError, and DatabaseError.
    """
    verdicts, evidence = run.examined.verdicts, run.examined.evidence
    if run.connection is None:
        raise AssertionError(run.asked)
    one = _chosen(verdicts, version)
    migration, replay, stands = one.migration, one.replay, one.standing
    if evidence.history is None or replay is None or stands is None or migration is None:
        raise _unreplayed(one, verdicts)
    models, unmade = missing_models(evidence.history, verdicts)
    weaker = [one for one in stands.otherwise if is_weaker(one, replay, evidence.history)]
    models |= {one.ref: evidence.history.model(one.ref) for one in weaker}
    examination = _nothing(run)
    if (stands.lacking or weaker) and models:
        examination = _examined(
            run,
            migration,
            with_holders(without_later(models, stands, replay, evidence.history), evidence.history),
            options,
        )
    wanted = _MissingOfOne([*(one for one in stands.lacking if one.ref not in unmade), *weaker])
    kept = [finding for finding in examination.report.findings if wanted.takes(finding)]
    narrowed = _narrowed(examination, kept)
    proposal = propose.propose_for(run.connection, narrowed, options)
    needs = _needs(run, _narrowed(examination, [one for one in examination.found if one.ref in models]), kept, options)
    reasons = {
        place: _reason(needs[name], verdicts)
        for place, step in enumerate(proposal.plan.steps)
        if (name := (step.ref, step.action)) in needs
    }
    return MigrationScript(
        migration=migration,
        proposal=replace(proposal, plan=proposal.plan.holding(reasons)) if reasons else proposal,
        left_out=tuple(dict.fromkeys(_left_out(replay, stands, unmade, narrowed))),
        on_platform=_is_on_platform(run),
        later=tuple(_later(evidence.history, replay, {one.ref for one in stands.lacking} - unmade.keys())),
    )


def _is_on_platform(run: MigrationsRun) -> bool:
    """Whether the database is one of a platform, which has PostgREST."""
    declared, tool = run.contract.migrations, run.examined.evidence.tool.name
    return ((declared.platform if declared else "") or (tool if tool in PLATFORMS else "none")) != "none"


def _later(history: History, replay: MigrationReplay, made: Collection[ObjectRef]) -> Iterator[str]:
    for expected in history.expected(replay):
        since = [step for step in expected.later if step.effect.deed == "changed"]
        if expected.ref in made and since:
            step = since[-1].effect
            facets = ", ".join(dict.fromkeys(facet for one in since for facet in one.effect.facets))
            yield f"The {facets} of {expected.ref} is here as it is after {step.location}, a later file."


def _nothing(run: MigrationsRun) -> Examination:
    """Where nothing is missing, there is nothing to audit."""
    if run.connection is None:
        raise AssertionError(run.asked)
    bare = replace(run.contract, objects={kind.name: {} for kind in KINDS}, waivers=(), invariants=(), trace=None)
    report = Report(database=describe(run.connection), contract=bare.file, findings=(), waived=(), outcomes=())
    selection = Selection(only=(), ignore=(), schema=bare.schema)
    nothing = Schema(objects={}, schemas=frozenset())
    return evaluation.Examination(report=report, contract=bare, actual=nothing, selection=selection)


def _examined(
    run: MigrationsRun, migration: Migration, objects: Iterable[tuple[ObjectRef, Any | None]], options: PlanOptions
) -> Examination:
    """Hold the objects against the database, as a contract would be."""
    if run.connection is None:
        raise AssertionError(run.asked)
    text = writer.write(
        objects,
        schema=run.contract.schema,
        title=f"What {migration.file} makes.",
        spell=_Spelling(run.examined.verdicts).said,
        ordered=True,
    )
    outlined = outline(text, f"the contract of {migration.file}")
    actual = catalog.read(run.connection, lambda: outlined, statement_timeout=options.reading.statement_timeout)
    return evaluation.held(outlined, Read(run.connection, actual), options.of_schema)


def _narrowed(examination: Examination, findings: Iterable[Finding]) -> Examination:
    """Return it with some findings alone. A note is repaired, too: it was asked for."""
    due = tuple(
        replace(
            finding,
            severity=max(finding.severity, Severity.WARNING),
            message=finding.message.replace("the contract", "the migration"),
        )
        for finding in findings
    )
    return replace(examination, report=replace(examination.report, findings=due))


def _needs(
    run: MigrationsRun, whole: Examination, kept: Sequence[Finding], options: PlanOptions
) -> dict[tuple[ObjectRef, str], ObjectRef]:
    """Return the steps that need what another migration makes and that is missing, too, with that object."""
    if run.connection is None or not kept:
        return {}
    plan = propose.planned(run.connection, whole, replace(options, allowed=frozenset(Hazard)))
    names = {(finding.ref, finding.facet) for finding in kept}
    own = {place for finding, places in plan.repaired if (finding.ref, finding.facet) in names for place in places}
    found: dict[tuple[ObjectRef, str], ObjectRef] = {}
    for place in sorted(own):
        waiting, reached = [*plan.after[place]], set[int]()
        while waiting:
            other = waiting.pop()
            if other not in reached:
                reached.add(other)
                waiting += plan.after[other]
        if foreign := sorted(reached - own):
            step = plan.steps[place]
            found[step.ref, step.action] = plan.steps[foreign[0]].ref
    return found


def _reason(needed: ObjectRef, verdicts: Verdicts) -> Reason:
    maker = next(
        one
        for one in verdicts.migrations
        if one.standing and any(lacking.ref.path[:2] == needed.path[:2] for lacking in one.standing.lacking)
    )
    label = shell_word(maker.version or maker.file)
    reason = f"it needs the {needed}, which {maker.file} makes"
    return Reason(reason, f"First run what --sql {label} prints.", reason, again=True)


def rendered(made: MigrationScript) -> str:
    """Return it as a script for psql."""
    proposal = made.proposal
    one = made.migration
    label = one.version or one.name
    nothing = f"Nothing of the migration {label} is missing that can be seen: there is nothing to do."
    remarks = [f"Not in this script: {reason}" for reason in made.left_out]
    return script.render(
        proposal.plan,
        title=f"What is missing of the migration {label} ({one.file}) in the database {proposal.report.where.name}, "
        "made by sessionaudit migrations --sql. It is no copy of the file: what it makes is as it is after the last of "
        "all migrations, in a replay.",
        transactional=False,
        repairs={},
        obstacles=[f"{what}. {help_}".rstrip() for what, help_ in proposal.preflight.refusals],
        remarks=[nothing] if made.is_empty else [*remarks, *made.later],
        reload=made.on_platform,
    )


def _chosen(verdicts: Verdicts, version: str) -> MigrationVerdict:
    every = [one for one in verdicts.migrations if one.migration is not None and one.file]
    found = [one for one in every if version in {one.version, one.name, one.file}]
    found = found or [one for one in every if f"/{one.file}".endswith(f"/{version.removeprefix('./')}")]
    if len(found) == 1:
        return found[0]
    if found:
        files = " and ".join(one.file for one in found)
        raise UsageError(f"several migrations are called “{version}”: {files}", hint="Name the file.")
    known = [name for one in every for name in dict.fromkeys((one.version, one.name, one.file)) if name]
    raise UsageError(
        f"the folder has no migration “{version}”",
        hint=nearest(version, known) or "Run sessionaudit migrations, which lists them.",
    )


def _unreplayed(one: MigrationVerdict, verdicts: Verdicts) -> UnreplayedError:
    if one.migration is not None and not one.migration.is_sql:
        reason = "it is a program, of which a replay knows only what all of them make together"
        return UnreplayedError(f"what {one.file} makes is not known: {reason}", hint="Let its tool apply it.")
    skipped = next(iter(verdicts.skipped), None)
    told = f": {skipped.what}: {skipped.reason}" if skipped else ""
    return UnreplayedError(f"what {one.file} makes is not known{told}", hint=skipped.hint if skipped else "")


class _Spelling:
    """How models are spelled: wholly where a facet of theirs is missing, else without what depends on the database."""

    def __init__(self, verdicts: Verdicts) -> None:
        stands = [verdict.standing for verdict in verdicts.migrations if verdict.standing]
        self._whole = {one.ref.kind for each in stands for one in each.lacking if one.facet}
        self._whole |= {one.ref.kind for each in stands for one in each.otherwise}

    def said(self, kind: str, model: Any) -> Any:
        """Return a model as the data of a contract."""
        declared = _KINDS[kind]
        if kind in self._whole:
            return declared.spell(model)
        return (declared.condensed or declared.brief or declared.spell)(model)


class _MissingOfOne:
    """The findings that are about what is missing of one migration."""

    def __init__(self, missing: Sequence[LackingEffect | OtherwiseThere]) -> None:
        self._objects = {one.ref for one in missing if not one.facet}
        self._facets = {(one.ref, one.facet) for one in missing if one.facet}

    def takes(self, finding: Finding) -> bool:
        """Whether a finding is."""
        return finding.ref in self._objects or (finding.ref, finding.facet) in self._facets


def _left_out(
    replay: MigrationReplay, stands: MigrationStanding, unmade: dict[ObjectRef, str], examination: Examination
) -> Iterator[str]:
    yield from (f"{one.location}: PostgreSQL rejects the statement: {one.message}." for one in replay.failures)
    yield from (f"{one}." for one in unseen(replay))
    found = {finding.ref for finding in examination.report.findings}
    covered = {(finding.ref, finding.facet) for finding in examination.report.findings}
    moved = {one.ref.path for one in stands.lacking if one.sort == "left" and one.ref in unmade}
    for one in stands.lacking:
        if one.sort == "left" and any(one.ref.path[:length] in moved for length in range(1, len(one.ref.path))):
            continue  # it goes with what it is on
        if reason := unmade.get(one.ref):
            yield f"{one.location}: {_named(one)}: {reason}."
        elif not _is_covered(one, found, examination):
            yield f"{one.location}: {_named(one)}: nothing was found that would make it."
    yield from (
        f"{one.location}: the {one.facet} of {one.ref}: it is {one.actual}, not {one.expected}, and is left as it is."
        for one in stands.otherwise
        if (one.ref, one.facet) not in covered
    )
    yield from (f"{one}: whether it is as the file makes it is not known: {one.why}." for one in stands.unknown)
    yield from (f"{one.what}: {one.reason}." for one in examination.report.unchecked)


def _named(one: LackingEffect) -> str:
    return f"the {one.facet} of {one.ref}" if one.facet else str(one.ref)


def _is_covered(one: LackingEffect, found: set[ObjectRef], examination: Examination) -> bool:
    """Whether a finding is about it, or about what it comes with; or it is there by now."""
    with_it = any(ref.path == one.ref.path[: len(ref.path)] for ref in found)
    there = one.ref.path in examination.actual.objects.get(one.ref.kind, {})
    return with_it or (there if one.sort != "left" else not there)
