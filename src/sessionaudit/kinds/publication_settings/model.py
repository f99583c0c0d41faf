"""What publications publish beside their tables, and which operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from sessionaudit.core.entries import bare, by_name, listed, standing
from sessionaudit.core.kind import Entry, Scope
from sessionaudit.core.node import (
    ABSENT,
    PRESENT,
    Mapping,
    Node,
    NodeError,
    Scalar,
    Sequence,
    described,
    flow,
    known_keys,
    mapping,
    nearest,
    one_of,
    text,
    texts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

OPERATIONS = ("insert", "update", "delete", "truncate")
GENERATED = ("none", "stored")
KEYS = ("operations", "via_root", "generated_columns", "all_tables", "schemas", "owner")


class PublicationSettings(Struct, frozen=True, kw_only=True):
    """A publication but for the tables that it lists; what is left out is PostgreSQL's default.

    `operations` are in the order of the manual, `generated` are the generated columns that are sent. `owner` is None
    where the contract does not state it.
    """

    operations: tuple[str, ...] = OPERATIONS
    via_root: bool = False
    generated: str = "none"
    all_tables: bool = False
    schemas: tuple[str, ...] = ()
    owner: str | None = None


def entries(node: Node, scope: Scope) -> Iterator[Entry]:
    """Read `name: {operations: …}`, or a list of names."""
    if isinstance(node, Sequence):
        yield from listed(node, scope)
        return
    for entry in by_name(node, scope):
        if entry.node not in (ABSENT, PRESENT):
            mapping(entry.node, f"a mapping of settings, {PRESENT} or {ABSENT}")
        yield entry


def read(node: Node, _schema: str) -> PublicationSettings:
    """Read an entry of `publication_settings:`."""
    if not isinstance(node, Mapping):  # the name alone, in a list, or present
        return PublicationSettings()
    found = mapping(node, "a mapping")
    known_keys(found, KEYS, "the settings of a publication")
    fields = {str(key): value for key, value in found.items()}
    settings = PublicationSettings(
        operations=_operations(fields["operations"]) if "operations" in fields else OPERATIONS,
        via_root=_truth(fields.get("via_root")),
        generated=one_of(fields["generated_columns"], GENERATED) if "generated_columns" in fields else "none",
        all_tables=_truth(fields.get("all_tables")),
        schemas=tuple(sorted(bare(text(one, "a schema")) for one in _list(fields.get("schemas")))),
        owner=bare(text(fields["owner"], "a role")) if "owner" in fields else None,
    )
    if settings.all_tables and settings.schemas:
        raise NodeError("a publication of all tables has no schemas", fields["schemas"])
    return settings


def _list(node: Node | None) -> list[Scalar]:
    if node is None:
        return []
    texts(node, "a schema")
    return [one for one in node if isinstance(one, Scalar)]


def _operations(node: Node) -> tuple[str, ...]:
    words = [word.lower() for word in texts(node, "an operation")]
    for word in words:
        if word not in OPERATIONS:
            raise NodeError(f"unknown operation “{word}”", node, nearest(word, OPERATIONS))
    return tuple(word for word in OPERATIONS if word in words)


def _truth(node: Node | None) -> bool:
    if node is None:
        return False
    if not isinstance(node, Scalar) or node not in {"true", "false"}:
        raise NodeError(f"expected true or false, found {described(node)}", node)
    return node == "true"


def load(row: tuple[Any, ...], _schema: str) -> PublicationSettings:
    """Make PublicationSettings of a row of the catalog query."""
    operations, via_root, generated, all_tables, schemas, owner = row
    return PublicationSettings(
        operations=tuple(operations),
        via_root=via_root,
        generated=generated,
        all_tables=all_tables,
        schemas=tuple(sorted(schemas)),
        owner=owner,
    )


def spell(settings: PublicationSettings) -> dict[str, Any]:
    """The settings as the contract has them, without PostgreSQL's defaults."""
    said: dict[str, Any] = condensed(settings) or {}
    return said if settings.owner is None else {**said, "owner": standing(settings.owner)}


def condensed(settings: PublicationSettings) -> dict[str, Any] | None:
    """The same without the owner; None if the name says it all."""
    said: dict[str, Any] = {}
    if settings.operations != OPERATIONS:
        said["operations"] = list(settings.operations)
    if settings.via_root:
        said["via_root"] = True
    if settings.generated != "none":
        said["generated_columns"] = settings.generated
    if settings.all_tables:
        said["all_tables"] = True
    if settings.schemas:
        said["schemas"] = list(map(standing, settings.schemas))
    return said or None


def show_operations(settings: PublicationSettings) -> str:
    """The operations as the contract lists them."""
    return flow(list(settings.operations))


def show_scope(settings: PublicationSettings) -> str:
    """What is published beside the tables that are listed."""
    if settings.all_tables:
        return "all tables"
    return f"the schemas {flow(list(map(standing, settings.schemas)))}" if settings.schemas else "nothing"


def show(settings: PublicationSettings) -> str:
    """All of it in one line."""
    said = condensed(settings)
    return flow(said) if said else PRESENT
