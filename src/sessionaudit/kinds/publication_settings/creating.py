"""How a publication is created, and the rights that it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.step import Need
from sessionaudit.kinds.common.address import at
from sessionaudit.kinds.common.ownership import SUPERUSER, giving_to
from sessionaudit.kinds.common.rights import owning_of, since
from sessionaudit.kinds.publication_settings.model import OPERATIONS
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.kinds.publication_settings.model import PublicationSettings

VIA_ROOT = "publish_via_partition_root"
GENERATED = "publish_generated_columns"


def created(path: ObjectPath, new: PublicationSettings, tables: Sequence[str] = ()) -> str:
    """The statement that creates it; `tables` are what it lists, as CREATE PUBLICATION has them."""
    settings = [f"publish = {operations(new.operations)}"] if new.operations != OPERATIONS else []
    settings += [f"{VIA_ROOT} = true"] if new.via_root else []
    settings += [f"{GENERATED} = {new.generated}"] if new.generated != "none" else []
    parts = [f"table {', '.join(tables)}"] if tables else []
    parts += [f"tables in schema {names(new.schemas)}"] if new.schemas else []
    parts = ["all tables"] if new.all_tables else parts
    words = [f"for {', '.join(parts)}"] if parts else []
    words += [f"with ({', '.join(settings)})"] if settings else []
    return " ".join((f"create publication {quoted(path[0])}", *words))


def operations(words: Iterable[str]) -> str:
    """The value of `publish`."""
    return literal(", ".join(words))


def names(schemas: Iterable[str]) -> str:
    """Schemas, as SQL lists them."""
    return ", ".join(map(quoted, schemas))


def is_publication(path: ObjectPath, condition: str = "") -> str:
    """Whether it is there and fulfils a condition over pg_publication `p`."""
    return f"exists (select from pg_catalog.pg_publication p where p.pubname = {literal(path[0])}{condition})"


def publication_address(path: ObjectPath) -> str:
    """Its address in pg_depend."""
    return at("pg_publication", "p.oid", f"pg_catalog.pg_publication p where p.pubname = {literal(path[0])}")


def beyond_tables(schemas: Iterable[str], *, every: bool) -> tuple[Need, ...]:
    """The rights to publish more than single tables."""
    found = [*schemas]
    if not (found or every):
        return ()
    need = Need(SUPERUSER, "be a superuser to publish all tables or whole schemas", "Connect as a superuser.")
    there = (
        Need(
            f"exists (select from pg_catalog.pg_namespace n where n.nspname = {literal(one)})",
            f"the schema {quoted(one)} does not exist",
            f"create schema {quoted(one)};",
            whole=True,
        )
        for one in found
    )
    return (need, *([since(15, "publications of schemas")] if found else []), *there)


def giving(path: ObjectPath, owner: str) -> tuple[Need, ...]:
    """The rights to make a role its owner."""
    return (
        *giving_to(path, owner),
        Need(
            f"({SUPERUSER} or (select pg_catalog.has_database_privilege(r.oid, d.oid, 'CREATE')"
            " from pg_catalog.pg_roles r cross join pg_catalog.pg_database d"
            f" where r.rolname = {literal(owner)} and d.datname = pg_catalog.current_database()))",
            f"the role {quoted(owner)} needs CREATE on the database",
            f"Grant {quoted(owner)} CREATE on the database.",
            whole=True,
        ),
    )


def owning_publication(path: ObjectPath) -> Need:
    """That the role owns it, or is a member of the role that does."""
    return owning_of(
        "p.pubowner",
        f"from pg_catalog.pg_publication p where p.pubname = {literal(path[0])}",
        f"the publication {quoted(path[0])}",
    )
