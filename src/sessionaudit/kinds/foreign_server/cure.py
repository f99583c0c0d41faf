"""Servers: created and dropped, their options changed in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import Cure, Difference, absent, negated, present
from sessionaudit.core.step import Hazard, LockLevel, Need, Step
from sessionaudit.kinds.common import foreign_options
from sessionaudit.kinds.common.address import at
from sessionaudit.kinds.common.rights import owning_of
from sessionaudit.kinds.foreign_server.model import show
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.kinds.foreign_server.model import ForeignServer


def create(difference: Difference[ForeignServer]) -> tuple[Step, ...]:
    """Create it. Who may use it as whom, and by which password, is for a person to state."""
    ref, new = difference.ref, difference.new
    return (
        Step(
            action=f"Create the server {ref.name}",
            ref=ref,
            sql=(f"create server {ref.name} {show(new)}",),
            done=_is(ref.path, "true"),
            lock=LockLevel.NONE,
            provides=(present(ref),),
            needs=(_wrapper_there(new.wrapper), _using(new.wrapper)),
        ),
    )


def drop(difference: Difference[ForeignServer]) -> tuple[Step, ...]:
    """Drop it; PostgreSQL refuses while a foreign table or a user mapping uses it."""
    ref = difference.ref
    return (
        Step(
            action=f"Drop the server {ref.name}",
            ref=ref,
            sql=(f"drop server {ref.name}",),
            done=negated(_is(ref.path, "true")),
            lock=LockLevel.NONE,
            provides=(absent(ref),),
            needs=(_owning(ref.path),),
            hazards=(Hazard.DROP,),
        ),
    )


def alter(difference: Difference[ForeignServer]) -> tuple[Step, ...]:
    """Change its options, but for those that may hold a secret."""
    ref, expected, actual = difference.ref, difference.new.options, difference.old.options
    if expected is None or actual is None:
        return ()
    return (
        Step(
            action=f"Change the options of the server {ref.name}",
            ref=ref,
            sql=(f"alter server {ref.name} options ({foreign_options.changed(expected, actual)})",),
            done=_is(ref.path, foreign_options.done(expected, actual, "s.srvoptions")),
            lock=LockLevel.NONE,
            needs=(_owning(ref.path),),
        ),
    )


def _is(path: ObjectPath, condition: str) -> str:
    named = f"s.srvname = {literal(path[0])}"
    return f"exists (select from pg_catalog.pg_foreign_server s where {named} and {condition})"


def _wrapper_there(name: str) -> Need:
    return Need(
        f"exists (select from pg_catalog.pg_foreign_data_wrapper w where w.fdwname = {literal(name)})",
        f"there is no foreign data wrapper {quoted(name)}",
        "List the extension that has it under extensions:.",
        whole=True,
    )


def _using(name: str) -> Need:
    return Need(
        "(select pg_catalog.has_foreign_data_wrapper_privilege(w.oid, 'USAGE')"
        f" from pg_catalog.pg_foreign_data_wrapper w where w.fdwname = {literal(name)})",
        f"have USAGE on the foreign data wrapper {quoted(name)}",
        f"grant usage on foreign data wrapper {quoted(name)} to {{role}};",
    )


def _owning(path: ObjectPath) -> Need:
    return owning_of(
        "s.srvowner",
        f"from pg_catalog.pg_foreign_server s where s.srvname = {literal(path[0])}",
        f"the server {quoted(path[0])}",
    )


CURE = Cure(
    create=create,
    drop=drop,
    alter={"wrapper": None, "options": alter},
    address=lambda path: at(
        "pg_foreign_server", "s.oid", f"pg_catalog.pg_foreign_server s where s.srvname = {literal(path[0])}"
    ),
)
