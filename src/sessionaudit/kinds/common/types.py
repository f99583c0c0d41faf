"""What cures of types share: how SQL finds a type, and what must be so to change one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.ref import dotted
from sessionaudit.core.step import Need, Obstacle
from sessionaudit.kinds.column.rewrites import builtin
from sessionaudit.kinds.common.catalog_conditions import type_oid
from sessionaudit.kinds.common.naming import alone
from sessionaudit.kinds.common.rights import owning_of
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.core.step import Dependent


def type_is(path: ObjectPath, condition: str) -> str:
    """Whether a type is there and fulfils a condition over pg_type `t`."""
    return f"exists (select from pg_catalog.pg_type t where t.oid = {type_oid(path)} and {condition})"


def owning_type(path: ObjectPath) -> Need:
    """That the role owns a type, or is a member of the role that does."""
    return owning_of(
        "t.typowner", f"from pg_catalog.pg_type t where t.oid = {type_oid(path)}", f"the type {dotted(path)}"
    )


def vacant(path: ObjectPath, other: str, noun: str) -> Obstacle:
    """That another type has the name, by a condition over pg_type `t`."""
    return Obstacle(
        rows=(
            "select null as key, pg_catalog.format('%s has this name, and is not a "
            f"{noun}', pg_catalog.pg_describe_object('pg_catalog.pg_type'::pg_catalog.regclass, t.oid, 0))"
            f" from pg_catalog.pg_type t where t.oid = {type_oid(path)} and {other}"
        ),
        what="in the way",
        hint=f"Rename it, or give the {noun} another name in the contract.",
    )


def type_address(path: ObjectPath, *, goes: bool, rebuilt: bool = False) -> str:
    """The query of a type's address, for `core.step.Around`; where it goes, it is dropped and made anew."""
    flags = f"{str(goes).lower()}, {str(rebuilt).lower()}"
    return f"select 'pg_catalog.pg_type'::pg_catalog.regclass, {type_oid(path)}, 0, {flags}"


def using(found: Iterable[Dependent], ref: ObjectRef) -> list[Dependent]:
    """What uses a type among its dependents: not the type itself, its own checks, or functions that only name it."""
    own = {("composite type", ref.dotted)}
    return [
        one
        for one in found
        if one.sort != "type"
        and (one.sort, one.name) not in own
        and not (one.sort == "domain constraint" and one.name.endswith(f" on {ref.dotted}"))
        and not (one.put and not one.take)
    ]


def is_type(found: str, type_: str, schema: str) -> str:
    """Whether what `format_type` gives, by the expression `found`, is a type of the contract.

    A name without a schema is looked up in the contract's, then elsewhere.
    """
    base = type_.partition("(")[0].removesuffix("[]")
    if builtin(type_) or not alone(base):
        return f"{found} = {literal(type_)}"
    schema = quoted(schema)
    own = f"pg_catalog.to_regtype({literal(f'{schema}.{base}')}) is null"
    return (
        f"({found} = {literal(f'{schema}.{type_}')}"
        f" or {own} and pg_catalog.right({found}, {len(type_) + 1}) = {literal(f'.{type_}')})"
    )
