"""SQL conditions that a constraint (pg_constraint `c`), or every copy of a trigger, is enforced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import array
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.core.kind import ObjectPath

ENFORCED = "pg_catalog.to_jsonb(c) ->> 'conenforced' is distinct from 'false'"
# None of its triggers, or of their copies on partitions, is disabled.
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
    """That all copies of a trigger on these tables (quoted names) have a state of pg_trigger.tgenabled."""
    return (
        f"not exists (select from pg_catalog.pg_trigger t where t.tgrelid = any ({array(tables)}"
        f"::pg_catalog.regclass[]) and t.tgname = {literal(trigger[2])} and t.tgenabled <> '{code}')"
    )


def bool_(value: bool) -> str:
    """A boolean as SQL."""
    return str(value).lower()
