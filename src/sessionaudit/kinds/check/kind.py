"""Check constraints: their rules, and what the kind declares."""

from __future__ import annotations

from sessionaudit.core.entries import by_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Form, Kind, beside
from sessionaudit.kinds.check.model import Check, load, read, show, show_expression
from sessionaudit.kinds.common import enforcement
from sessionaudit.kinds.common.rules import forbidden, missing, unexpected
from sessionaudit.kinds.foreign_key.kind import UNVALIDATED

MISSING = missing("SA341", "check", "rows that the application takes for impossible can be stored")
UNEXPECTED = unexpected("SA342", "check", "it may refuse rows that the application takes for good")
FORBIDDEN = forbidden("SA343", "check", "it refuses rows that it should not")
EXPRESSION = Rule(
    "SA344",
    "check-expression",
    Severity.ERROR,
    "A check constraint tests something else than the contract states.",
    "Rows that the application writes are refused (23514), or rows are stored that it takes for impossible.",
    "The check {name} of {parent} is defined otherwise than expected: good rows may be refused (23514), or bad "
    "ones stored.",
)
INHERITANCE = Rule(
    "SA345",
    "check-inheritance",
    Severity.WARNING,
    "A check constraint is inherited by child tables where it must not be, or the other way round.",
    "Rows of child tables escape the check, or are refused by it.",
    "The check {name} of {parent} is {actual}, expected {expected}: child tables escape it, or obey it unasked.",
)

KIND = Kind(
    name="check",
    section="constraints",
    within=("table",),
    leads=("check",),
    identity=("relation", "name"),
    model=Check,
    query=beside(__file__),
    entries=by_name,
    read=read,
    load=load,
    show=show,
    spell=show,
    missing=MISSING,
    forbidden=FORBIDDEN,
    unexpected=UNEXPECTED,
    inherited=lambda check: check.inherited,
    misnamed=True,
    ignored=frozenset({"inherited"}),
    shapes_writes=True,
    attributes=(
        Attribute(
            facet="expression",
            rule=EXPRESSION,
            fields=("expression",),
            show=show_expression,
            form=Form(
                text=lambda check: check.expression,
                evaluated=True,
                wrap=lambda sql: f"select {sql}",
                attach=lambda check, table, name: (
                    f"alter table {table} add constraint {name} check ({check.expression})"
                ),
                read="""
    select pg_catalog.pg_get_expr(c.conbin, c.conrelid)
      from pg_catalog.pg_constraint c
     where c.conrelid = %(table)s::pg_catalog.regclass and c.conname = %(name)s""",
            ),
        ),
        Attribute(
            facet="inheritance",
            rule=INHERITANCE,
            fields=("no_inherit",),
            show=lambda check: "no inherit" if check.no_inherit else "inherited",
        ),
        Attribute(
            facet="validated",
            rule=UNVALIDATED,
            fields=("validated",),
            show=lambda check: "valid" if check.validated else "not valid",
            # Validated is never too much, and what is not enforced is found by that.
            same=lambda expected, actual: actual.validated or not (expected.validated and actual.enforced),
        ),
        enforcement.HELD,
    ),
    shape={"type": "string"},
    mended_by_rows=True,
)
