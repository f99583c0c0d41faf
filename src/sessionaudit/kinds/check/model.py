"""Check constraints."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sessionaudit.core.entries import by_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Form, Kind, beside
from sessionaudit.core.node import Node, text
from sessionaudit.kinds.common import enforcement
from sessionaudit.kinds.common.rules import forbidden, missing, unexpected
from sessionaudit.kinds.foreign_key.model import UNVALIDATED
from sessionaudit.sql.fragment import Fragment, FragmentError, whole
from sessionaudit.sql.text import enclosed


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check constraint; its `expression` without the parentheses around it.

    Partitions and child tables have it too, so `slack` is empty; there it is `inherited`.
    """

    expression: str
    no_inherit: bool = False
    validated: bool = True
    enforced: bool = True
    slack: tuple[str, ...] = ()
    inherited: bool = field(default=False, compare=False)


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
    "The check {name} of {parent} is {actual}, expected {expected}: child tables do not enforce it, or enforce it "
    "where they should not.",
)


_SIMPLE = re.compile(r"check \((.*)\)\Z", re.DOTALL | re.IGNORECASE)


@lru_cache(maxsize=16384)
def parse(definition: str) -> Check:
    """Read what follows ADD CONSTRAINT name. Raises FragmentError."""
    if (simple := _SIMPLE.match(definition)) and ";" not in definition:
        with suppress(FragmentError):
            return Check(expression=whole(simple[1]))
    fragment = Fragment(definition)
    fragment.expect("check")
    expression = fragment.parenthesised()
    no_inherit = fragment.accept("no", "inherit")
    enforced = not fragment.accept("not", "enforced")
    validated = enforced and not fragment.accept("not", "valid")
    fragment.end("“no inherit”, “not valid” or the end")
    return Check(expression=expression, no_inherit=no_inherit, validated=validated, enforced=enforced)


def read(node: Node, _schema: str) -> Check:
    """Read an entry of `constraints:` that is a check."""
    return parse(text(node, "a constraint"))


def load(row: tuple[Any, ...], _schema: str) -> Check:
    """Make a Check of a row of the catalog query."""
    expression, no_inherit, validated, enforced, inherited = row
    if expression is None:
        raise TypeError("the check no longer exists")
    return Check(
        expression=expression, no_inherit=no_inherit, validated=validated, enforced=enforced, inherited=inherited
    )


def show(check: Check) -> str:
    """The check as the contract writes it."""
    inherit = " no inherit" if check.no_inherit else ""
    state = "" if check.validated else " not valid" if check.enforced else " not enforced"
    return f"{show_expression(check)}{inherit}{state}"


def show_expression(check: Check) -> str:
    """The check without its options; an expression from the server stands in parentheses already."""
    return f"check {enclosed(check.expression)}"


KIND = Kind(
    name="check",
    section="constraints",
    within="table",
    leads=("check",),
    identity=("relation", "name"),
    model=Check,
    query=beside(__file__),
    entries=by_name,
    read=read,
    load=load,
    show=show,
    missing=MISSING,
    forbidden=FORBIDDEN,
    unexpected=UNEXPECTED,
    inherited=lambda check: check.inherited,
    misnamed=True,
    ignored=frozenset({"inherited"}),
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
            # Being validated is never wrong; NOT ENFORCED is found by its own facet.
            same=lambda expected, actual: actual.validated or not (expected.validated and actual.enforced),
        ),
        enforcement.HELD,
    ),
    shape={"type": "string"},
    mended_by_rows=True,
)
