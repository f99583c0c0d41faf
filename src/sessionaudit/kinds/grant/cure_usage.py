"""USAGE on a schema that the contract says a role lacks, so that its privileges there are of no use to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sessionaudit.core.ref import ObjectRef
from sessionaudit.core.step import Need
from sessionaudit.kinds.schema import cure as schemas
from sessionaudit.kinds.schema.model import Namespace
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from sessionaudit.core.cure import Difference
    from sessionaudit.core.step import Step
    from sessionaudit.kinds.grant.model import Grant


def revoke(difference: Difference[Grant]) -> tuple[Step, ...]:
    """Revoke it from the role, unless the contract gives the role something of use in the schema all the same."""
    schema, _, role = difference.ref.path
    grants = difference.wanted["grant"].items()
    used = any(grant and not grant.shut for path, grant in grants if (path[0], path[2]) == (schema, role))
    stated: Namespace | None = difference.wanted["schema"].get((schema,))
    if used or (stated is not None and dict(stated.grants or ()).get(role)):
        return ()
    whole: Difference[Any] = difference
    asked = replace(
        whole,
        ref=ObjectRef("schema", (schema,)),
        expected=Namespace(grants=((role, frozenset()),)),
        actual=Namespace(grants=((role, frozenset({"usage"})),)),
    )
    needs = (_not_otherwise(schema, role),)
    return tuple(replace(step, ref=difference.ref, needs=(*step.needs, *needs)) for step in schemas.revoke(asked))


def _not_otherwise(schema: str, role: str) -> Need:
    """That it has USAGE by its own grant only: else it would still have it."""
    own = "0" if role == "public" else f"(select r.oid from pg_catalog.pg_roles r where r.rolname = {literal(role)})"
    others = (
        "x.grantee = 0" if role == "public" else f"(x.grantee = 0 or pg_catalog.pg_has_role({own}, x.grantee, 'USAGE'))"
    )
    return Need(
        "not exists (select from pg_catalog.pg_namespace n cross join lateral"
        " pg_catalog.aclexplode(coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) x"
        f" where n.nspname = {literal(schema)} and x.privilege_type = 'USAGE' and x.grantee <> {own} and {others})",
        f"{quoted(role)} has USAGE on the schema {quoted(schema)} through PUBLIC or another role",
        "Revoke it there, or leave “usage” out of the contract.",
        whole=True,
    )
