"""Check constraints: their rules, and what the kind declares."""

from __future__ import annotations

from sessionaudit.core.entries import by_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Form, Kind, Trial, beside
from sessionaudit.kinds.check.model import Check, load, read, show, show_expression
from sessionaudit.kinds.common import enforcement
from sessionaudit.kinds.common.rules import forbidden, missing, unexpected
from sessionaudit.kinds.common.stand_ins import TABLE
from sessionaudit.kinds.foreign_key.kind import UNVALIDATED
from sessionaudit.sql.text import enclosed

MISSING = missing("SA341", "check", "rows that the application considers invalid can be stored")
UNEXPECTED = unexpected("SA342", "check", "it may reject rows that the application considers valid")
FORBIDDEN = forbidden("SA343", "check", "it rejects rows that should be accepted")
EXPRESSION = Rule(
    "SA344",
    "check-expression",
    Severity.ERROR,
    "The expression of a check constraint differs from the contract.",
    "Rows that the application writes are rejected (23514), or rows that it considers invalid are stored.",
    "The check {name} of {parent} differs from the contract: valid rows may be rejected (23514), or invalid ones "
    "stored.",
)
INHERITANCE = Rule(
    "SA345",
    "check-inheritance",
    Severity.WARNING,
    "Whether child tables inherit a check constraint differs from the contract.",
    "Child tables do not enforce the check, or enforce it where they should not.",
    "The check {name} of {parent} is {actual}, expected {expected}: child tables do not enforce it, or enforce "
    "it where they should not.",
)

READ = """
    select pg_catalog.pg_get_expr(c.conbin, c.conrelid)
      from pg_catalog.pg_constraint c
     where c.conrelid = %(on)s::pg_catalog.regclass and c.conname = %(name)s"""

KIND = Kind(
    name="check",
    section="constraints",
    classes=("table constraint",),
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
                trial=Trial(
                    setup=lambda check, on, name: (
                        f"alter table {on} add constraint {name} check {enclosed(check.expression)}",
                    ),
                    read=READ,
                    stand_in=TABLE,
                ),
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
            # Being validated is never wrong; NOT ENFORCED is found by its own facet.
            same=lambda expected, actual: actual.validated or not (expected.validated and actual.enforced),
        ),
        enforcement.HELD,
    ),
    shape={"type": "string"},
    row_repair=True,
)
