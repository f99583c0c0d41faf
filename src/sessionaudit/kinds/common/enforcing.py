"""What must be true of what is held for every row: a constraint (pg_constraint `c`), the copies of a trigger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import array
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.core.kind import ObjectPath

ENFORCED = "pg_catalog.to_jsonb(c) ->> 'conenforced' is distinct from 'false'"
# Of the triggers by which it is held, and their copies for partitions, none is off.
FIRING = (
    "not exists (with recursive k as (select c.oid union all select p.oid from k"
    " join pg_catalog.pg_constraint p on p.conparentid = k.oid)"
    " select from k join pg_catalog.pg_trigger t on t.tgconstraint = k.oid"
    " where t.tgisinternal and t.tgenabled in ('D', 'R'))"
)
INDEXED = (
    "exists (select from pg_catalog.pg_index i"
    " where i.indexrelid = c.conindid and i.indisvalid and i.indisready and i.indislive)"
)


def alike(trigger: ObjectPath, tables: Iterable[str], code: str) -> str:
    """That the copies of a trigger on tables, as SQL spells them, are all in a state of pg_trigger.tgenabled."""
    return (
        f"not exists (select from pg_catalog.pg_trigger t where t.tgrelid = any ({array(tables)}"
        f"::pg_catalog.regclass[]) and t.tgname = {literal(trigger[2])} and t.tgenabled <> '{code}')"
    )


def bool_(value: bool) -> str:
    """A truth as SQL has it."""
    return str(value).lower()
