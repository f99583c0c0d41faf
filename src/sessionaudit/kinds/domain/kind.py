"""Domains: their rules, and what the kind declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sessionaudit.core.entries import by_qualified_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Form, Kind, Trial, beside
from sessionaudit.core.query import Sort
from sessionaudit.kinds.common.naming import same_type
from sessionaudit.kinds.domain.model import (
    Domain,
    alike,
    brief,
    expressions,
    load,
    nearly,
    read,
    show,
    show_checks,
    show_names,
    spell,
    unvalidated,
)
from sessionaudit.sql.text import enclosed, quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessionaudit.core.ref import ObjectRef

MISSING = Rule(
    "SA131",
    "missing-domain",
    Severity.ERROR,
    "A domain of the contract does not exist.",
    "No column can have this type, and a cast to it fails.",
    "The domain {object} does not exist: columns and casts that name it fail.",
)
FORBIDDEN = Rule(
    "SA132",
    "forbidden-domain",
    Severity.WARNING,
    "A domain that the contract declares absent exists.",
    "It was meant to be removed; columns may still use it.",
    "The domain {object} exists, and the contract declares it absent.",
)
TYPE = Rule(
    "SA133",
    "domain-type",
    Severity.ERROR,
    "The base type of a domain differs from the contract.",
    "Values that the application sends are rejected or truncated, or come back in a form that it does not expect.",
    "The domain {object} is of {actual}, expected {expected}: values may be rejected, or come back as another type.",
)
COLLATION = Rule(
    "SA134",
    "domain-collation",
    Severity.WARNING,
    "The collation of a domain differs from the contract.",
    "Columns of the domain sort and compare differently.",
    "The collation of the domain {object} is {actual}, expected {expected}: its columns sort and compare differently.",
)
DEFAULT = Rule(
    "SA135",
    "domain-default",
    Severity.WARNING,
    "The default of a domain differs from the contract.",
    "A column of the domain that an insert omits, and that has no default of its own, gets another value.",
    otherwise="A note where the contract does not state the default that is there.",
)
NULLABILITY = Rule(
    "SA136",
    "domain-nullability",
    Severity.WARNING,
    "Whether a domain is NOT NULL differs from the contract.",
    "Where it is NOT NULL and should not be, inserts of null fail (23502). Where NOT NULL is missing, the application "
    "reads nulls that it does not expect.",
)
CHECKS = Rule(
    "SA137",
    "domain-checks",
    Severity.ERROR,
    "The checks of a domain differ from the contract.",
    "Values that the application writes are rejected (23514), or values that it considers invalid are stored, in every "
    "column of the domain.",
    otherwise="A warning where all that the contract states is there, and more.",
)
NAME = Rule(
    "SA138",
    "domain-check-name",
    Severity.WARNING,
    "A check of a domain has another name than in the contract.",
    "A migration that names it fails (42704), and so does code that tells errors apart by the constraint's name.",
    "The domain {object} has checks under other names: {actual}, expected {expected}. Migrations that name them fail "
    "(42704).",
)
UNVALIDATED = Rule(
    "SA139",
    "domain-unvalidated",
    Severity.WARNING,
    "A check of a domain is NOT VALID.",
    "Existing rows were not checked, and may hold values that the domain rejects.",
    "The domain {object} has checks that are NOT VALID ({actual}): existing rows may hold values that it rejects.",
)


def same_collation(expected: Domain, actual: Domain) -> bool:
    """Whether both sort alike; a name without a schema is one of PostgreSQL's, or else of the contract's schema."""
    return expected.collation in {actual.collation, actual.whole_collation or actual.collation}


def same_default(expected: Domain, actual: Domain) -> bool | None:
    """Whether the defaults are the same; None where two expressions differ in their spelling."""
    if expected.default is None or actual.default is None:
        return expected.default == actual.default
    return True if expected.default == actual.default else None


def same_checks(expected: Domain, actual: Domain) -> bool | None:
    """Whether as many checks say the same; None where only the server can tell which are the same.

    Of another base type the server prints other casts, which says nothing more than that facet.
    """
    retyped = same_type(expected.type, actual.type) is False
    known, found = ([one.expression for one in domain.checks] for domain in (expected, actual))
    if len(known) == len(found) and not _left(known, found, retyped=retyped):
        return True
    few, many = sorted((known, found), key=len)
    return None if len(few) == len(many) or _left(few, many, retyped=True) else False


def _left(few: list[str], many: list[str], *, retyped: bool) -> bool:
    """Whether for some expression there is no other one left that is the same; with `retyped` but for casts."""
    rest = [*many]
    for text in few:
        found = next((one for one in rest if alike(text, one) or (retyped and nearly(text, one, casts=True))), None)
        if found is None:
            return True
        rest.remove(found)
    return False


def same_names(expected: Domain, actual: Domain) -> bool:
    """Whether a check that is there has the name that the contract gives it; which are there is another facet."""
    names = {one.name for one in actual.checks}
    return not any(
        check.name
        and check.name not in names
        and any(nearly(check.expression, one.expression) for one in actual.checks)
        for check in expected.checks
    )


def reworded(domain: Domain, spell: Callable[[str], str]) -> Domain:
    """The domain with its checks in another spelling."""
    checks = (replace(one, expression=spell(one.expression)) for one in domain.checks)
    return replace(domain, checks=tuple(checks))


def default_severity(expected: Domain, actual: Domain) -> Severity:
    """A note where the contract does not mention the existing one."""
    unasked = actual.default is not None and expected.default is None and not expected.bare
    return Severity.NOTE if unasked else Severity.WARNING


def default_message(ref: ObjectRef, expected: Domain, actual: Domain) -> str:
    """Say what an insert stores that omits a column of the domain."""
    if actual.default is None:
        return f"The domain {ref.dotted} has no default: an insert that omits a column of it stores null, or fails."
    if expected.default is None:
        return f"The domain {ref.dotted} has a default that the contract does not state."
    return f"The domain {ref.dotted} has a different default: an insert that omits a column may store another value."


def nullability_message(ref: ObjectRef, expected: Domain, _actual: Domain) -> str:
    """Say which side allows nulls."""
    if expected.not_null:
        return f"The domain {ref.dotted} allows nulls, and the contract says NOT NULL: the application expects none."
    return f"The domain {ref.dotted} is NOT NULL, and the contract allows nulls: an insert of null fails (23502)."


def checks_severity(expected: Domain, actual: Domain) -> Severity:
    """A warning where all that is expected is there, and more."""
    found = all(any(nearly(one.expression, other.expression) for other in actual.checks) for one in expected.checks)
    return Severity.WARNING if found and len(actual.checks) > len(expected.checks) else Severity.ERROR


def checks_message(ref: ObjectRef, expected: Domain, actual: Domain) -> str:
    """Say what values go wrong."""
    if checks_severity(expected, actual) is Severity.WARNING:
        return f"The domain {ref.dotted} has more checks than expected: it rejects values that are valid (23514)."
    return (
        f"The checks of the domain {ref.dotted} differ from the contract: valid values may be rejected (23514), or "
        "invalid ones stored."
    )


_BETWEEN = "\x01"
READ_CHECKS = """
    select pg_catalog.string_agg(pg_catalog.pg_get_expr(k.conbin, 0), pg_catalog.chr(1))
      from pg_catalog.pg_constraint k
     where k.contypid = %(on)s::pg_catalog.regtype and k.contype = 'c'"""
READ_DEFAULT = """
    select pg_catalog.pg_get_expr(t.typdefaultbin, 0)
      from pg_catalog.pg_type t
     where t.oid = %(on)s::pg_catalog.regtype"""
_READ_TYPE = """
    select pg_catalog.format_type(t.typbasetype, t.typtypmod)
      from pg_catalog.pg_type t
     where t.oid = %(on)s::pg_catalog.regtype"""


def _type(domain: Domain) -> str:
    return f"{domain.type} collate {domain.collation}" if domain.collation else domain.type


KIND = Kind(
    name="domain",
    section="domains",
    classes=(
        "type",
        "domain constraint",
    ),
    identity=("schema", "name"),
    model=Domain,
    query=beside(__file__),
    enumerate=beside(__file__, "all.sql"),
    entries=by_qualified_name,
    read=read,
    load=load,
    show=show,
    spell=spell,
    brief=brief,
    missing=MISSING,
    forbidden=FORBIDDEN,
    shapes_writes=True,
    needed_by_queries=True,
    gives_types=True,
    attributes=(
        Attribute(
            facet="type",
            needed_by_queries=True,
            rule=TYPE,
            fields=("type",),
            show=lambda domain: domain.type,
            same=lambda expected, actual: same_type(expected.type, actual.type),
            form=Form(
                text=lambda domain: domain.type,
                sort=Sort.TYPE,
                wrap=None,
                trial=Trial(
                    setup=lambda domain, on, _name: (f"create domain {on} as {domain.type}",),
                    read=_READ_TYPE,
                ),
            ),
        ),
        Attribute(
            facet="collation",
            rule=COLLATION,
            fields=("collation",),
            show=lambda domain: domain.collation or "the type's own",
            same=same_collation,
        ),
        Attribute(
            facet="default",
            rule=DEFAULT,
            fields=("default",),
            show=lambda domain: domain.default,
            same=same_default,
            severity=default_severity,
            message=default_message,
            form=Form(
                text=lambda domain: domain.default,
                wrap=lambda sql: f"select {sql}",
                trial=Trial(
                    setup=lambda domain, on, _name: (
                        f"create domain {on} as {_type(domain)} default {domain.default}",
                    ),
                    read=READ_DEFAULT,
                ),
                context=lambda domain: domain.type,
            ),
        ),
        Attribute(
            facet="nullability",
            rule=NULLABILITY,
            fields=("not_null",),
            show=lambda domain: "not null" if domain.not_null else "null",
            message=nullability_message,
        ),
        Attribute(
            facet="checks",
            rule=CHECKS,
            fields=("checks",),
            show=show_checks,
            same=same_checks,
            severity=checks_severity,
            message=checks_message,
            form=Form(
                text=lambda domain: expressions(one.expression for one in domain.checks),
                evaluated=True,
                reworded=reworded,
                wrap=lambda sql: f"select {sql}",
                trial=Trial(
                    setup=lambda domain, on, _name: (
                        f"create domain {on} as {_type(domain)} "
                        + " ".join(f"check {enclosed(one.expression)}" for one in domain.checks),
                    ),
                    read=READ_CHECKS,
                    pick=lambda found: expressions(found.split(_BETWEEN)),
                ),
            ),
        ),
        Attribute(facet="names", rule=NAME, fields=("checks",), show=show_names, same=same_names),
        Attribute(
            facet="validated",
            rule=UNVALIDATED,
            fields=("checks",),
            show=lambda domain: ", ".join(map(quoted, unvalidated(domain))) or "valid",
            same=lambda _expected, actual: not unvalidated(actual),
            unstated=lambda domain: bool(unvalidated(domain)),
        ),
    ),
    ignored=frozenset({"bare", "whole_collation"}),
    shape={"type": "string"},
)
