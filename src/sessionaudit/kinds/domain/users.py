"""The columns that use a domain, also by way of a domain over it: what they hold must fit, and their tables wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.core.ref import dotted
from sessionaudit.core.step import Around, Composed, Hazard, Obstacle, Risk
from sessionaudit.kinds.common.carried_over import listed
from sessionaudit.kinds.common.catalog_conditions import type_oid
from sessionaudit.kinds.common.holder import key_of
from sessionaudit.sql.text import UnclosedError, literal, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.core.cure import Difference
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.step import Dependent
    from sessionaudit.kinds.domain.model import Domain


_PART = "composite type column"  # as PostgreSQL calls it


class Wrong(NamedTuple):
    """What must not be in a column: a condition over `{column}`, as SQL, and why, in words."""

    where: str
    why: str


nulls = Wrong("{column} is null", "null")


def failing(difference: Difference[Domain], expression: str) -> Wrong:
    """Values for which a check is false, of which VALUE is read as the base type."""
    told = _over(expression.replace("{", "{{").replace("}", "}}"), f"({{column}}::{difference.old.type})")
    return Wrong(f"not ({told})", f"not {expression}")


def _over(expression: str, value: str) -> str:
    """A check's expression with something else for VALUE."""
    result, position, before = "", 0, ""
    try:
        found = [*tokens(expression)]
    except UnclosedError:
        return expression
    for token in found:
        if token.sort == "word" and token.text.lower() == "value" and before != ".":
            result += expression[position : token.start] + value
            position = token.end
        before = token.text
    return result + expression[position:]


def held(difference: Difference[Domain], statements: Sequence[str], wrong: Wrong) -> Around:
    """For a step by which PostgreSQL reads all columns of the domain, while nobody can write to their tables."""
    ref = difference.ref

    def compose(found: tuple[Dependent, ...]) -> Composed:
        users = [one for one in found if one.sort == "column"]
        inside = [one for one in users if one.text.endswith("[]")]
        tables = tuple(dict.fromkeys(one.path[:2] for one in users))
        parts = [one for one in found if one.sort == _PART]
        many = f"{listed(inside)} ha{'s' if len(inside) == 1 else 've'} it in an array"
        if parts:
            inside, many = parts, f"{listed(parts)} ha{'s' if len(parts) == 1 else 've'} it in a row"
        return Composed(
            tuple(statements),
            obstacle=_rows(difference, users, wrong) if users else None,
            risk=_reads(tables) if tables else None,
            locks=tables,
            stuck=f"{many}, whose parts PostgreSQL cannot check" if inside else "",
            help="Give it the base type first; or change the domain yourself, where no table holds such values.",
        )

    return Around(_with_those_over_it(ref.path), compose)


def _with_those_over_it(path: ObjectPath) -> str:
    """The query of the addresses of a domain, and of all domains over it."""
    return (
        "select 'pg_catalog.pg_type'::pg_catalog.regclass, o.oid, 0, false, false from ("
        f"with recursive above (oid) as (select {type_oid(path)}::pg_catalog.oid union"
        " select t.oid from pg_catalog.pg_type t join above on t.typbasetype = above.oid and t.typtype = 'd')"
        " select above.oid from above) o"
    )


def _rows(difference: Difference[Domain], users: Sequence[Dependent], wrong: Wrong) -> Obstacle:
    rows: list[str] = []
    for one in users:
        column = f"r.{dotted(one.path[2:])}"
        key = key_of(difference, "r", one.path[:2])
        where = wrong.where.format(column=column)
        rows.append(
            f"select {key}::text as key, {literal(one.name)}::text as place, {column}::text as value,"
            f" {literal(wrong.why)}::text as why from {dotted(one.path[:2])} r where {where}"
        )
    return Obstacle(
        rows=" union all ".join(rows),
        what=f"hold a value that {difference.ref.dotted} must reject",
        hint="Change these values first, or delete the rows.",
        of_rows=True,
    )


def _reads(tables: Sequence[ObjectPath]) -> Risk:
    """That tables with rows are read while nobody can write to them."""
    each = " union all ".join(
        f"select null as key, {literal(dotted(path))}::text as place where exists (select from {dotted(path)})"
        for path in tables
    )
    return Risk(
        hazard=Hazard.REWRITE,
        found=Obstacle(
            rows=each,
            what="tables are read, and cannot be written to meanwhile",
            hint="Run it while nobody writes to them.",
        ),
    )
