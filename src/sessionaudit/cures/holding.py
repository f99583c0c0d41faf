"""What must be true of a constraint that is held for every row, over pg_constraint `c`."""

from __future__ import annotations

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
