"""The checks of a domain: which of them stay, which are added, exchanged, renamed, validated and dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.core.cure import negated
from sessionaudit.core.step import Hazard, LockLevel, Step
from sessionaudit.kinds.check.model import Check
from sessionaudit.kinds.common.catalog_conditions import type_oid
from sessionaudit.kinds.common.types import owning_type
from sessionaudit.kinds.common.weaker import loosening, weaker_check
from sessionaudit.kinds.domain.model import Domain, DomainCheck, alike, nearly
from sessionaudit.kinds.domain.users import failing, held
from sessionaudit.sql.fragment import Fragment
from sessionaudit.sql.text import canonical, enclosed, literal, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sessionaudit.core.cure import Difference
    from sessionaudit.core.kind import ObjectPath


class _Sorted(NamedTuple):
    """Expected checks that are there, each with the actual one; those that are not; and what nobody expects."""

    same: list[tuple[DomainCheck, DomainCheck]]
    lacking: list[DomainCheck]
    unasked: list[DomainCheck]


def _sorted(difference: Difference[Domain], same_as: Callable[[str, str], bool] = alike) -> _Sorted:
    """Which checks are which: by their words and trees, and by what the server printed of the expected ones.

    It is not asked where all that is expected is there but for casts, and more; or the other way round.
    """
    lacking, unasked = [*difference.new.checks], [*difference.old.checks]
    same: list[tuple[DomainCheck, DomainCheck]] = []

    def pair(expected: DomainCheck, actual: DomainCheck) -> None:
        same.append((expected, actual))
        lacking.remove(expected)
        unasked.remove(actual)

    for expected in difference.new.checks:
        found = [one for one in unasked if same_as(expected.expression, one.expression)]
        if found:
            pair(expected, next((one for one in found if one.name == expected.name), found[0]))
    known = [one for one in unasked if difference.printed is None or _is_printed(one, difference.printed)]
    for expected in [*lacking]:
        found = [one for one in known if one in unasked]
        named = [one for one in found if one.name == expected.name]
        near = [one for one in found if nearly(expected.expression, one.expression, casts=True)]
        alone = found if len(found) == len(lacking) == 1 else []
        if chosen := near if difference.printed is None else near or named or alone:
            pair(expected, chosen[0])
    return _Sorted(same, lacking, unasked)


def _is_printed(check: DomainCheck, printed: str) -> bool:
    """Whether the server prints an expected check as it prints this one."""
    fragment = Fragment(printed)
    while not fragment.done:
        if canonical(enclosed(fragment.parenthesised())) == canonical(enclosed(check.expression)):
            return True
        fragment.accept("and")
    return False


def change_checks(difference: Difference[Domain]) -> tuple[Step, ...]:
    """Add what is missing, NOT VALID, and validate it; drop what nobody expects.

    What has the name of one that is missing gives way to it in the same transaction.
    """
    found = _sorted(difference)
    names = {one.name for one in difference.old.checks}
    left = [*found.unasked]
    steps: list[Step] = []
    for check in found.lacking:
        there = next((one for one in left if check.name in {"", one.name}), None)
        if there is not None:
            left.remove(there)
        name = check.name or (there.name if there else _spare(difference.ref.path[1], names))
        names.add(name)
        steps += _added(difference, name, check, there)
    steps += [_dropped(difference, one) for one in left]
    return tuple(steps)


def _spare(domain: str, names: set[str]) -> str:
    """The name that PostgreSQL gives to a check without one."""
    numbers = ("", *map(str, range(1, len(names) + 1)))
    return next(f"{domain}_check{number}" for number in numbers if f"{domain}_check{number}" not in names)


def names(domain: str, checks: Iterable[DomainCheck]) -> list[str]:
    """The names that checks have in a domain that is created with them."""
    found: list[str] = []
    for check in checks:
        found.append(check.name or _spare(domain, {*found}))
    return found


def _added(difference: Difference[Domain], name: str, check: DomainCheck, there: DomainCheck | None) -> Iterator[Step]:
    ref = difference.ref
    added = f"alter domain {ref.dotted} add constraint {quoted(name)} check {enclosed(check.expression)} not valid"
    dropped = (f"alter domain {ref.dotted} drop constraint {quoted(name)}",) if there else ()
    condition = f"pg_catalog.pg_get_expr(k.conbin, 0) <> {literal(there.expression)}" if there else "true"
    step = Step(
        action=f"{'Replace' if there else 'Add'} the check {quoted(name)} of the domain {ref.dotted}",
        ref=ref,
        sql=(*dropped, added, *comments(difference, (name,) if there else ())),
        done=_has(ref.path, name, condition),
        lock=LockLevel.NONE,
        reads=(check.expression,),
        needs=(owning_type(ref.path),),
    )
    if there is None:
        yield step
    else:
        new, old = Check(expression=check.expression), Check(expression=there.expression)
        yield from loosening((step,), looser=weaker_check(new, old, difference.schema))
    yield _validated(difference, name, check.expression)


def comments(difference: Difference[Domain], names: Iterable[str]) -> tuple[str, ...]:
    """Statements that give checks the comments of those which had these names, and are dropped."""
    said = {one.name: one.comment for one in difference.old.checks if one.comment}
    on = f"on domain {difference.ref.dotted} is"
    return tuple(f"comment on constraint {quoted(name)} {on} {literal(said[name])}" for name in names if name in said)


def _validated(difference: Difference[Domain], name: str, expression: str) -> Step:
    ref = difference.ref
    sql = (f"alter domain {ref.dotted} validate constraint {quoted(name)}",)
    return Step(
        action=f"Validate the check {quoted(name)} of the domain {ref.dotted}",
        ref=ref,
        sql=sql,
        done=_has(ref.path, name, "k.convalidated"),
        lock=LockLevel.SHARE,
        reads=(expression,),
        needs=(owning_type(ref.path),),
        around=held(difference, sql, failing(difference, expression)),
        timeout=None,
    )


def _dropped(difference: Difference[Domain], check: DomainCheck) -> Step:
    ref = difference.ref
    return Step(
        action=f"Drop the check {quoted(check.name)} of the domain {ref.dotted}",
        ref=ref,
        sql=(f"alter domain {ref.dotted} drop constraint {quoted(check.name)}",),
        done=negated(_has(ref.path, check.name, "true")),
        lock=LockLevel.NONE,
        needs=(owning_type(ref.path),),
        hazards=(Hazard.LOOSEN,),
    )


def rename(difference: Difference[Domain]) -> tuple[Step, ...]:
    """Give checks that are there the names of the contract."""
    ref, taken = difference.ref, {one.name for one in difference.old.checks}
    return tuple(
        Step(
            action=f"Rename the check {quoted(actual.name)} of the domain {ref.dotted} to {quoted(expected.name)}",
            ref=ref,
            sql=(f"alter domain {ref.dotted} rename constraint {quoted(actual.name)} to {quoted(expected.name)}",),
            done=_has(ref.path, expected.name, "true"),
            lock=LockLevel.NONE,
            needs=(owning_type(ref.path),),
        )
        for expected, actual in _sorted(difference, nearly).same
        if expected.name and expected.name not in taken
    )


def validate(difference: Difference[Domain]) -> tuple[Step, ...]:
    """Hold checks against what the columns of the domain hold already, but for those that nobody expects."""
    kept = [actual for _, actual in _sorted(difference, nearly).same]
    return tuple(_validated(difference, one.name, one.expression) for one in kept if not one.validated)


def _has(path: ObjectPath, name: str, condition: str) -> str:
    """Whether the domain has a check of a name that fulfils a condition over pg_constraint `k`."""
    return (
        f"exists (select from pg_catalog.pg_constraint k where k.contypid = {type_oid(path)}"
        f" and k.conname = {literal(name)} and {condition})"
    )
