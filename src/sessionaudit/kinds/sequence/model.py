"""Sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from sessionaudit.core.compared import Compared
from sessionaudit.core.node import Mapping, Node, known_keys, one_of, text
from sessionaudit.core.ref import dotted
from sessionaudit.kinds.common import owner_and_grants, role_grants
from sessionaudit.kinds.sequence import options
from sessionaudit.sql.fragment import Fragment

if TYPE_CHECKING:
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.kinds.common.role_grants import RoleGrants
    from sessionaudit.kinds.sequence.options import SequenceOptions

PRIVILEGES = ("usage", "select", "update")
PERSISTENCE = ("permanent", "unlogged")
KEYS = ("definition", "persistence", "owner", "grants")


class NumberSequence(Compared, frozen=True, kw_only=True):
    """A sequence. None where the contract says nothing of it.

    `owned_by` is the path of a column, empty for none. `grants` has what each role was given itself, the owner among
    them, by the role's name. Of a real one, `held` has what roles can do, as members of others too, and `grantable`
    what roles may grant to others; `filling` tells that it fills the column that owns it, and `identity` that it is
    that column's identity.
    """

    aside: ClassVar = frozenset({"filling", "held", "identity"})

    options: SequenceOptions | None
    owned_by: ObjectPath | None = None
    persistence: str | None = None
    owner: str | None = None
    grants: RoleGrants | None = None
    held: RoleGrants = ()
    grantable: RoleGrants = ()
    filling: bool = False
    identity: bool = False


def read(node: Node, schema: str) -> NumberSequence:
    """Read an entry of `sequences:`: what follows the name in CREATE SEQUENCE, or a mapping with that and more."""
    if not isinstance(node, Mapping):
        return _defined(text(node, "a sequence's definition, such as: as bigint start with 10"), schema)
    known_keys(node, KEYS, "a sequence")
    fields = {str(key): value for key, value in node.items()}
    found = NumberSequence(options=None)
    if "definition" in fields:
        found = _defined(text(fields["definition"], "what follows the name in CREATE SEQUENCE"), schema)
    return NumberSequence(
        options=found.options,
        owned_by=found.owned_by,
        persistence=one_of(fields["persistence"], PERSISTENCE) if "persistence" in fields else None,
        owner=str(text(fields["owner"], "a role")) if "owner" in fields else None,
        grants=role_grants.read(fields["grants"], PRIVILEGES, "a sequence") if "grants" in fields else None,
    )


def _defined(definition: str, schema: str) -> NumberSequence:
    fragment = Fragment(definition)
    found = options.parse(fragment, schema=schema)
    owned_by: ObjectPath | None = None
    if fragment.accept("owned"):
        fragment.expect("by")
        owned_by = () if fragment.accept("none") else _column(fragment, schema)
    fragment.end("“owned by” as the last of its options, or the end")
    return NumberSequence(options=found, owned_by=owned_by)


def _column(fragment: Fragment, schema: str) -> ObjectPath:
    parts = [fragment.name("a column, such as orders.id, or “none”")]
    while len(parts) < 3 and fragment.accept("."):
        parts.append(fragment.name("a column"))
    if len(parts) < 2:
        raise fragment.error("a column with its table, such as orders.id")
    return (*((schema,) if len(parts) < 3 else ()), *parts)


def load(row: tuple[Any, ...], _schema: str) -> NumberSequence:
    """Make a NumberSequence of a row of the catalog query."""
    type_, numbers, persistence, owned_by, filling, identity, owner, grants, held, grantable = row
    return NumberSequence(
        options=options.load(numbers, type_),
        owned_by=tuple(owned_by or ()),
        persistence=persistence,
        owner=owner,
        grants=role_grants.load(grants),
        held=role_grants.load(held),
        grantable=role_grants.load(grantable),
        filling=filling,
        identity=identity,
    )


def show(sequence: NumberSequence) -> str:
    """The sequence in the words of CREATE SEQUENCE."""
    definition = show_options(sequence) if sequence.options else ""
    return " ".join(filter(None, (definition, show_owned_by(sequence) if sequence.owned_by else ""))) or "a sequence"


def show_options(sequence: NumberSequence) -> str | None:
    """Its type and options, as far as they are not the usual ones."""
    return options.spell(sequence.options, typed=True) if sequence.options else None


def show_owned_by(sequence: NumberSequence) -> str:
    """The column that owns it."""
    return f"owned by {dotted(sequence.owned_by)}" if sequence.owned_by else "owned by none"


def spell(sequence: NumberSequence) -> dict[str, Any]:
    """The whole sequence as a mapping of the contract; what its owner may do is not said."""
    found: dict[str, Any] = {}
    if sequence.options is not None:
        found["definition"] = show(sequence)
    if sequence.persistence is not None:
        found["persistence"] = sequence.persistence
    if sequence.owner is not None:
        found["owner"] = sequence.owner
    if grants := owner_and_grants.spelled(sequence, PRIVILEGES):
        found["grants"] = grants
    return found


def brief(sequence: NumberSequence) -> str | dict[str, Any]:
    """What a person would write: one line where there is no more to say."""
    found = spell(sequence)
    if found.get("persistence") == "permanent":
        del found["persistence"]
    if sequence.owned_by:
        found.pop("owner", None)  # it is that of the table
    return str(found["definition"]) if [*found] == ["definition"] else found


def condensed(sequence: NumberSequence) -> str | dict[str, Any]:
    """The sequence without its owner, which is often another one in another database."""
    found = brief(sequence)
    if isinstance(found, str):
        return found
    found.pop("owner", None)
    return str(found["definition"]) if [*found] == ["definition"] else found
