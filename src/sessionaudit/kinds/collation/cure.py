"""Collations: dropped where they must not exist. A contract does not define them, so that none is created."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import Cure, Difference, absent, negated
from sessionaudit.core.step import Hazard, LockLevel, Step
from sessionaudit.kinds.common.address import at
from sessionaudit.kinds.common.rights import owning_of
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.kinds.collation.model import Collation


def drop(difference: Difference[Collation]) -> tuple[Step, ...]:
    """Drop it; PostgreSQL refuses while a column or an index uses it."""
    ref = difference.ref
    return (
        Step(
            action=f"Drop the collation {ref.dotted}",
            ref=ref,
            sql=(f"drop collation {ref.dotted}",),
            done=negated(f"exists (select {_from(ref.path)})"),
            lock=LockLevel.NONE,
            provides=(absent(ref),),
            needs=(owning_of("l.collowner", f"{_from(ref.path)} limit 1", f"the collation {ref.dotted}"),),
            hazards=(Hazard.DROP,),
        ),
    )


def _from(path: ObjectPath) -> str:
    schema, name = map(literal, path)
    return (
        "from pg_catalog.pg_collation l join pg_catalog.pg_namespace n on n.oid = l.collnamespace"
        f" where n.nspname = {schema} and l.collname = {name}"
    )


CURE = Cure(
    create=lambda _difference: (),
    drop=drop,
    alter={},
    address=lambda path: at("pg_collation", "l.oid", _from(path).removeprefix("from ")),
)
