"""Other options for an identity's sequence; its current value is data, and is not moved back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import block
from sessionaudit.core.ref import dotted
from sessionaudit.core.step import Obstacle, Step
from sessionaudit.kinds.column.cure_filling import TABLES
from sessionaudit.kinds.common.catalog_conditions import column_is
from sessionaudit.kinds.common.holder import standing_on
from sessionaudit.kinds.common.rights import owning
from sessionaudit.kinds.sequence import options
from sessionaudit.sql.text import doubled, literal

if TYPE_CHECKING:
    from sessionaudit.core.cure import Difference
    from sessionaudit.kinds.column.model import Column


def change_options(difference: Difference[Column]) -> tuple[Step, ...]:
    """Set all options of the sequence at once."""
    ref, stated = difference.ref, difference.new.counting
    if stated is None or standing_on(difference) not in TABLES:
        return ()
    words = " ".join(f"set {clause}" for clause in options.clauses(stated))
    sequence = f"pg_catalog.pg_get_serial_sequence({literal(difference.on)}, {literal(ref.path[2])})"
    alter = doubled(f"alter table {difference.on} alter column {ref.name} {words}".replace("'", "''"))
    body = (
        "#variable_conflict use_variable\ndeclare\n  last_value bigint;\nbegin\n"
        f"  execute 'select s.last_value from ' || {sequence} || ' s' into last_value;\n"
        f"  execute pg_catalog.format('{alter}%s', {options.moved_on(stated)});\nend"
    )
    return (
        Step(
            action=f"Set the options of the identity of {ref.dotted}",
            ref=ref,
            sql=(block(body),),
            done=column_is(
                ref.path,
                "exists (select from pg_catalog.pg_depend d join pg_catalog.pg_sequence q on q.seqrelid = d.objid"
                " where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refclassid = d.classid"
                " and d.refobjid = a.attrelid and d.refobjsubid = a.attnum and d.deptype = 'i'"
                f" and {options.are(stated)})",
            ),
            locks=(difference.table,),
            needs=(owning(ref.path),),
            obstacle=Obstacle(
                rows=(
                    "select null as key, pg_catalog.format('its current value is %s', s.last_value)"
                    " from pg_catalog.pg_sequences s where pg_catalog.format('%I.%I', s.schemaname, s.sequencename)"
                    f" = {sequence} and {options.beyond(stated)}"
                ),
                what=f"prevent the identity of {dotted(ref.path)} from getting these options",
                hint="Keep the wider bounds in the contract, or restart it yourself if its values are unused again.",
            ),
        ),
    )
