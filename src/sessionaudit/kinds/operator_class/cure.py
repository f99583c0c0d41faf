"""Operator classes: dropped where they must not exist. A contract does not define them, so that none is created."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import Cure, Difference, absent, negated
from sessionaudit.core.step import Hazard, LockLevel, Need, Step
from sessionaudit.kinds.common.address import at
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.kinds.operator_class.model import OperatorClass


def drop(difference: Difference[OperatorClass]) -> tuple[Step, ...]:
    """Drop all of its name; PostgreSQL refuses while an index uses one. The family stays."""
    ref = difference.ref
    return (
        Step(
            action=f"Drop the operator class {ref.dotted}",
            ref=ref,
            sql=tuple(f"drop operator class {ref.dotted} using {quoted(method)}" for method in difference.old.methods),
            done=negated(f"exists (select {_from(ref.path)})"),
            lock=LockLevel.NONE,
            provides=(absent(ref),),
            needs=(
                Need(
                    f"(select pg_catalog.bool_and(pg_catalog.pg_has_role(o.opcowner, 'USAGE')) {_from(ref.path)})",
                    f"own the operator class {ref.dotted}",
                    "Connect as its owner, or as a member of the role that owns it.",
                ),
            ),
            hazards=(Hazard.DROP,),
        ),
    )


def _from(path: ObjectPath) -> str:
    schema, name = map(literal, path)
    return (
        "from pg_catalog.pg_opclass o join pg_catalog.pg_namespace n on n.oid = o.opcnamespace"
        f" where n.nspname = {schema} and o.opcname = {name}"
    )


CURE = Cure(
    create=lambda _difference: (),
    drop=drop,
    alter={},
    address=lambda path: at("pg_opclass", "o.oid", _from(path).removeprefix("from ")),
)
