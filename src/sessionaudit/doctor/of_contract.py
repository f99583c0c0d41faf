"""What a contract needs of a database: what `check` would skip, and what its repairs and extensions lack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.audits import runner
from sessionaudit.audits.audit import Options
from sessionaudit.audits.behaviour.journeys.failures import HINT_OF_RIGHTS as HINT_OF_STEPS
from sessionaudit.audits.data import prerequisites
from sessionaudit.audits.data.violations import HINT_OF_RIGHTS as HINT_OF_ROWS
from sessionaudit.backfill import row_repair
from sessionaudit.core.counting import counted
from sessionaudit.core.finding import Severity
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.doctor import beside_contract, rights
from sessionaudit.doctor.diagnosis import Symptom, Weight
from sessionaudit.doctor.needs import unreadable_repair
from sessionaudit.doctor.statements import advice_of
from sessionaudit.errors import ContractError, DatabaseError, UnfitError
from sessionaudit.repair.preflight import lacking_rights
from sessionaudit.repair.propose import PlanOptions, planned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from sessionaudit.audits.evaluation import Examination
    from sessionaudit.contract.invariants import Invariant
    from sessionaudit.core.finding import Skipped
    from sessionaudit.postgres.connection import Connection, Url

_TOPIC = "check"
_SCHEMA = "schema"
# What takes a private server, of which `ledgers` tells what is lacking.
_APART = ("migrations",)
_MOST_PARTS = 3


def remarks(url: Url, file: Path, timeout: float) -> Iterator[Symptom]:
    """Examine a database by a contract as `check` does, but for counting rows, and yield what was lacking.

    Raises SessionAuditError if the contract is wrong or the database fails.
    """
    options = Options(statement_timeout=timeout, data_timeout=timeout, files=True, trying=True, without=_APART)
    with runner.examining(url, file, options) as (examination, connection):
        if connection is None:
            raise AssertionError(file)
        contract = examination.contract
        skipped = examination.report.unchecked
        barred = {ref for one in skipped if one.hint == HINT_OF_ROWS for ref in one.about}
        counting = rights.of_counting(
            connection, contract, [one for one in contract.invariants if one.ref in barred], timeout
        )
        walking = [*rights.of_walking(connection, contract, timeout)]
        told = [hint for hint, found in ((HINT_OF_ROWS, counting), (HINT_OF_STEPS, walking)) if _lacks(found)]
        yield from rights.of_roles(connection, contract, timeout)  # first, as it says why steps are skipped
        yield from _skipped([one for one in skipped if one.hint not in told])
        yield from _findings(examination)
        yield from (*counting, *walking)
        yield from rights.of_owners(connection, contract, timeout)
        drifted = [one.ref.path for one in examination.report.findings if one.audit == _SCHEMA]
        yield from rights.of_schemas(connection, contract, drifted, timeout)
        yield from _plan(connection, examination, timeout)
        yield from _backfill(connection, examination, timeout)
        yield from rights.of_trace(connection, contract, timeout)


def _lacks(found: Iterable[Symptom]) -> bool:
    return any(one.weight is Weight.LACK for one in found)


def _skipped(skipped: Sequence[Skipped]) -> Iterator[Symptom]:
    """Yield what `check` cannot look at, what has one reason together."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for one in skipped:
        reasons.setdefault((one.reason, one.hint), []).append(one.what)
    for (reason, hint), parts in reasons.items():
        more = f" and {len(parts) - _MOST_PARTS} more" if len(parts) > _MOST_PARTS else ""
        advice = advice_of(hint)
        yield Symptom(
            topic=_TOPIC,
            name=f"skipped {', '.join(parts)}",
            weight=Weight.LACK,
            fact=f"`check` cannot look at {', '.join(parts[:_MOST_PARTS])}{more}: {reason.rstrip('.')}.",
            consequence=advice.prose,
            sql=advice.sql,
            needed_by=(_TOPIC,),
        )
    if not skipped:
        yield Symptom(topic=_TOPIC, name="skipped", weight=Weight.FINE, fact="`check` can look at all of the contract.")


def _findings(examination: Examination) -> Iterator[Symptom]:
    if number := sum(one.severity is Severity.ERROR for one in examination.report.findings):
        fact = f"`check` finds {counted(number, 'error')}; its rows are not counted here."
        yield Symptom(topic=_TOPIC, name="findings", weight=Weight.FACT, fact=fact, commands=(CALLING.line("check"),))


def _plan(connection: Connection, examination: Examination, timeout: float) -> Iterator[Symptom]:
    """Yield the rights that a repair of what is wrong now would lack."""
    told_apart = beside_contract.EXTENSION
    of_schema = tuple(one for one in examination.report.findings if one.audit == _SCHEMA and one.ref.kind != told_apart)
    narrowed = replace(examination, report=replace(examination.report, findings=of_schema))
    try:
        plan = planned(connection, narrowed, PlanOptions())
        lacking = lacking_rights(connection, plan, statement_timeout=timeout)
    except ContractError:  # which `repair` reports with its place
        return
    if not lacking:
        fact = f"All privileges for the {counted(len(plan.steps), 'step')} of a repair are there."
        yield Symptom(topic=rights.TOPIC, name="plan", weight=Weight.FINE, fact=fact)
        return
    helps = [*map(advice_of, dict.fromkeys(help_ for _, help_ in lacking))]
    told = [what for what, _ in lacking]
    more = f"; and {len(told) - _MOST_PARTS} more" if len(told) > _MOST_PARTS else ""
    yield Symptom(
        topic=rights.TOPIC,
        name="plan",
        weight=Weight.LACK,
        fact=f"`repair` cannot be applied: {'; '.join(told[:_MOST_PARTS])}{more}.",
        consequence=" ".join(help_.prose for help_ in helps if help_.prose),
        sql=tuple(one for help_ in helps for one in help_.sql),
        needed_by=("repair",),
    )


def _backfill(connection: Connection, examination: Examination, timeout: float) -> Iterator[Symptom]:
    """Yield what backfills lack; PostgreSQL explains their statements, for which it asks for the same rights."""
    contract = examination.contract
    repairable: list[Invariant] = []
    for invariant in contract.invariants:
        if invariant.repair is None:
            continue
        if why := unreadable_repair(invariant, contract):
            yield _unrun(invariant, why)
        else:
            repairable.append(invariant)
    if not repairable:
        return
    remark = rights.of_repairing(connection, contract, repairable, timeout)
    yield remark
    waiting: dict[str, list[str]] = {}
    for invariant in () if remark.weight is Weight.LACK else repairable:
        try:
            _explain(connection, examination, invariant)
        except UnfitError as error:
            waiting.setdefault(error.hint, []).append(invariant.name)
        except (ContractError, DatabaseError) as error:
            yield _unrun(invariant, str(error), error.hint)
    for hint, names in waiting.items():
        repairs = "The repair of" if len(names) == 1 else "The repairs of"
        it = "it needs" if len(names) == 1 else "they need"
        yield Symptom(
            topic=_TOPIC,
            name=f"waiting {', '.join(names)}",
            weight=Weight.LACK,
            fact=f"{repairs} {', '.join(names)} cannot run yet: a part of the schema that {it} is not as in the "
            "contract.",
            consequence=hint,
            needed_by=("backfill",),
        )


def _explain(connection: Connection, examination: Examination, invariant: Invariant) -> None:
    """Have PostgreSQL explain the statements of a repair. Raises UnfitError, ContractError and DatabaseError."""
    contract, report = examination.contract, examination.report
    found = (*report.findings, *(finding for finding, _ in report.waived))
    prerequisites.require(contract, (invariant,), [one for one in found if one.audit == _SCHEMA], ())
    row_repair.load(connection, contract, invariant)


def _unrun(invariant: Invariant, why: str, hint: str = "") -> Symptom:
    return Symptom(
        topic=_TOPIC,
        name=f"repair {invariant.name}",
        weight=Weight.LACK,
        fact=f"The repair of {invariant.name} cannot run: {why.rstrip('.')}.",
        consequence=hint,
        needed_by=("backfill",),
    )
