"""Foreign tables: created and dropped, their options changed in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import Cure, Difference, absent, negated, present
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.step import Hazard, Need, Step
from sessionaudit.kinds.common import foreign_options
from sessionaudit.kinds.common.address import of_relation
from sessionaudit.kinds.common.catalog_conditions import relation
from sessionaudit.kinds.common.ownership import adopted, adopting
from sessionaudit.kinds.common.rights import creating_in, owning
from sessionaudit.kinds.foreign_table.model import show
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
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
            wishes=(adopting(ref.path),),
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


# Its columns are those of another database, and its server says which: what they should be, a person must decide.
CURE = Cure(
    create=create,
    drop=drop,
    alter={"columns": None, "server": None, "options": alter},
    address=of_relation,
)
