"""What the triggers that partitions have from their parent have of their own: detaching drops these with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import block
from sessionaudit.kinds.common.catalog_conditions import relation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.core.kind import ObjectPath

# Of the transaction alone, so that nothing stays in a session of a pooler.
_SETTING = "'sessionaudit.kept_triggers'"


def remembered(partitions: Iterable[ObjectPath]) -> str:
    """The statement that notes the comments and states of their triggers, before they are detached."""
    tables = ", ".join(map(relation, partitions))
    return block(
        f"begin\n  perform pg_catalog.set_config({_SETTING}, (\n"
        "    select coalesce(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('on', g.tgrelid::bigint,"
        " 'name', g.tgname, 'state', g.tgenabled,"
        " 'said', pg_catalog.obj_description(g.oid, 'pg_trigger'))), '[]')::text\n"
        f"      from pg_catalog.unnest(array[{tables}]::pg_catalog.oid[]) as m (id)\n"
        "     cross join lateral pg_catalog.pg_partition_tree(m.id) p\n"
        "      join pg_catalog.pg_trigger g on g.tgrelid = p.relid and g.tgparentid <> 0 and g.tgconstraint = 0\n"
        "  ), true);\n"
        "end"
    )


def restored() -> str:
    """The statement that gives them back to the triggers of the same names, after they are attached."""
    return block(
        "declare\n  one record;\nbegin\n"
        "  for one in select g.tgrelid::pg_catalog.regclass as place, k.name, k.said,\n"
        "      g.tgenabled <> k.state as other,\n"
        "      case k.state when 'O' then 'enable' when 'D' then 'disable'"
        " when 'R' then 'enable replica' else 'enable always' end as word\n"
        f"      from pg_catalog.jsonb_to_recordset(pg_catalog.current_setting({_SETTING})::jsonb)\n"
        '        as k ("on" bigint, name text, state "char", said text)\n'
        '      join pg_catalog.pg_trigger g on g.tgrelid = k."on"::pg_catalog.oid and g.tgname = k.name loop\n'
        "    if one.said is not null then\n"
        "      execute pg_catalog.format('comment on trigger %I on %s is %L', one.name, one.place, one.said);\n"
        "    end if;\n"
        "    if one.other then\n"
        "      execute pg_catalog.format('alter table only %s %s trigger %I', one.place, one.word, one.name);\n"
        "    end if;\n"
        "  end loop;\nend"
    )
