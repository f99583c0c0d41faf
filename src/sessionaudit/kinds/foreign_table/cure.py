"""Foreign tables: created and dropped, their options changed in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import Cure, Difference, absent, negated, present
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.step import Hazard, Need, Obstacle, Step
from sessionaudit.kinds.common import foreign_options
from sessionaudit.kinds.common.address import of_relation
from sessionaudit.kinds.common.catalog_conditions import relation
from sessionaudit.kinds.common.ownership import adopted, adopting
from sessionaudit.kinds.common.rights import creating_in, owning
from sessionaudit.kinds.common.types import is_type
from sessionaudit.kinds.foreign_table.model import NOT_NULL, show
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.kinds.foreign_table.model import ForeignTable


def create(difference: Difference[ForeignTable]) -> tuple[Step, ...]:
    """Create it, where its columns are stated."""
    ref, new = difference.ref, difference.new
    if new.columns is None:
        return ()
    server = ObjectRef("foreign_server", (new.server,))
    return (
        Step(
            action=f"Create the foreign table {ref.dotted}",
            ref=ref,
            sql=(
                f"create foreign table {ref.dotted} {show(new)}",
                adopted(f"foreign table {ref.dotted}", ref.path),
            ),
            done=_is(ref.path, "true"),
            locks=(ref.path,),
            provides=(present(ref),),
            requires=(present(server),) if difference.wanted["foreign_server"].get(server.path) is not None else (),
            reads=(show(new),),
            needs=(creating_in(ref.path[0]), _vacant(ref.path), _using(new.server)),
            wishes=adopting(ref.path),
        ),
    )


def drop(difference: Difference[ForeignTable]) -> tuple[Step, ...]:
    """Drop it; the rows are elsewhere, and stay."""
    ref = difference.ref
    return (
        Step(
            action=f"Drop the foreign table {ref.dotted}",
            ref=ref,
            sql=(f"drop foreign table {ref.dotted}",),
            done=negated(_is(ref.path, "true")),
            locks=(ref.path,),
            provides=(absent(ref),),
            needs=(owning(ref.path),),
            hazards=(Hazard.DROP,),
        ),
    )


def alter(difference: Difference[ForeignTable]) -> tuple[Step, ...]:
    """Change its options, but for those that may hold a secret."""
    ref, expected, actual = difference.ref, difference.new.options, difference.old.options
    if expected is None or actual is None:
        return ()
    return (
        Step(
            action=f"Change the options of the foreign table {ref.dotted}",
            ref=ref,
            sql=(f"alter foreign table {ref.dotted} options ({foreign_options.changed(expected, actual)})",),
            done=_is(ref.path, foreign_options.done(expected, actual, "f.ftoptions")),
            locks=(ref.path,),
            needs=(owning(ref.path),),
        ),
    )


def change(difference: Difference[ForeignTable]) -> tuple[Step, ...]:
    """Add and alter columns, and drop those beyond what is stated, which is all; the rows are elsewhere, and stay."""
    ref, there = difference.ref, dict(difference.old.columns or ())
    wanted = dict(difference.new.columns or ())
    changes: list[str] = []
    retyped: list[str] = []
    for name, said in wanted.items():
        (type_, filled), (old, was) = _parts(said), _parts(there.get(name, ""))
        if name not in there:
            changes.append(f"add column {quoted(name)} {said}")
            continue
        if type_ != old:
            retyped.append(name)
            changes.append(f"alter column {quoted(name)} type {type_}")
        if filled != was:
            changes.append(f"alter column {quoted(name)} {'set' if filled else 'drop'} not null")
    steps = [_dropping(difference, [name for name in there if name not in wanted])] if {*there} - {*wanted} else []
    if changes:
        changed = {name: said for name, said in wanted.items() if said != there.get(name)}
        steps.append(
            Step(
                action=f"Change the columns of the foreign table {ref.dotted}",
                ref=ref,
                sql=(f"alter foreign table {ref.dotted} {', '.join(changes)}",),
                done=" and ".join(_is_column(difference, name, said) for name, said in changed.items()),
                locks=(ref.path,),
                reads=tuple(changed.values()),
                needs=(owning(ref.path),),
                obstacle=_used(ref.path, retyped) if retyped else None,
            )
        )
    return tuple(steps)


def _dropping(difference: Difference[ForeignTable], names: Sequence[str]) -> Step:
    ref = difference.ref
    columns = ", ".join(map(quoted, names))
    return Step(
        action=f"Drop the column{'' if len(names) == 1 else 's'} {columns} of the foreign table {ref.dotted}",
        ref=ref,
        sql=(f"alter foreign table {ref.dotted} {', '.join(f'drop column {quoted(name)}' for name in names)}",),
        done=" and ".join((_is(ref.path, "true"), *(f"not {_has(ref.path, name, 'true')}" for name in names))),
        locks=(ref.path,),
        needs=(owning(ref.path),),
        hazards=(Hazard.DROP,),
        obstacle=_used(ref.path, names),
    )


def _parts(said: str) -> tuple[str, bool]:
    """A column's type, and whether it is not null."""
    return said.removesuffix(NOT_NULL), said.endswith(NOT_NULL)


def _has(path: ObjectPath, name: str, condition: str) -> str:
    return (
        f"exists (select from pg_catalog.pg_attribute a where a.attrelid = {relation(path)}"
        f" and a.attname = {literal(name)} and not a.attisdropped and {condition})"
    )


def _is_column(difference: Difference[ForeignTable], name: str, said: str) -> str:
    type_, filled = _parts(said)
    found = is_type("pg_catalog.format_type(a.atttypid, a.atttypmod)", type_, difference.schema)
    return _has(difference.ref.path, name, f"{'' if filled else 'not '}a.attnotnull and {found}")


def _used(path: ObjectPath, columns: Iterable[str]) -> Obstacle:
    """What depends on columns, of which none can be changed then."""
    names = ", ".join(map(literal, columns))
    return Obstacle(
        rows=(
            "select null as key, pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) as dependent"
            " from pg_catalog.pg_depend d join pg_catalog.pg_attribute a"
            " on a.attrelid = d.refobjid and a.attnum = d.refobjsubid"
            f" where d.refobjid = {relation(path)} and d.deptype in ('n', 'a') and a.attname in ({names})"
            " and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass"
            " and d.classid <> 'pg_catalog.pg_attrdef'::pg_catalog.regclass"
        ),
        what="of pg_depend depend on its columns",
        hint=f"Drop what depends on these columns of {dotted(path)}, and recreate it afterwards.",
    )


def _is(path: ObjectPath, condition: str) -> str:
    return f"exists (select from pg_catalog.pg_foreign_table f where f.ftrelid = {relation(path)} and {condition})"


def _vacant(path: ObjectPath) -> Need:
    return Need(
        f"({relation(path)} is null or {_is(path, 'true')})",
        f"something else already has the name {dotted(path)}",
        "Rename that object.",
        whole=True,
    )


def _using(server: str) -> Need:
    return Need(
        "(select pg_catalog.has_server_privilege(s.oid, 'USAGE') from pg_catalog.pg_foreign_server s"
        f" where s.srvname = {literal(server)})",
        f"have USAGE on the server {quoted(server)}",
        f"grant usage on foreign server {quoted(server)} to {{role}};",
    )


# Another server means other rows: a person must decide.
CURE = Cure(
    create=create,
    drop=drop,
    alter={"columns": change, "server": None, "options": alter},
    address=of_relation,
)
