"""Publications: created with their settings, which are then altered one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import Cure, Difference, absent, fitting, negated, present
from sessionaudit.core.step import Hazard, LockLevel, Need, Step
from sessionaudit.kinds.common.address import at
from sessionaudit.kinds.common.ownership import SUPERUSER, giving_to
from sessionaudit.kinds.common.rights import since
from sessionaudit.kinds.publication.coverage import sends_schema
from sessionaudit.kinds.publication_settings.model import OPERATIONS, PublicationSettings
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.step import Condition

_VIA_ROOT = "publish_via_partition_root"
_GENERATED = "publish_generated_columns"


def create(difference: Difference[PublicationSettings]) -> tuple[Step, ...]:
    """Create it, without the tables that it lists."""
    ref, new = difference.ref, difference.new
    settings = [f"publish = {_listed(new.operations)}"] if new.operations != OPERATIONS else []
    settings += [f"{_VIA_ROOT} = true"] if new.via_root else []
    settings += [f"{_GENERATED} = {new.generated}"] if new.generated != "none" else []
    words = (
        ["for all tables"] if new.all_tables else [f"for tables in schema {_names(new.schemas)}"] * bool(new.schemas)
    )
    words += [f"with ({', '.join(settings)})"] if settings else []
    return (
        Step(
            action=f"Create the publication {ref.dotted}",
            ref=ref,
            sql=(" ".join((f"create publication {quoted(ref.path[0])}", *words)),),
            done=_is(ref.path),
            lock=LockLevel.NONE,
            provides=(present(ref),),
            needs=(
                Need(
                    "pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')",
                    f"have CREATE on the database to create the publication {quoted(ref.path[0])}",
                    "Grant {role} CREATE on the database.",
                ),
                *_beyond_tables(new.schemas, every=new.all_tables),
                *((since(18, _GENERATED),) if new.generated != "none" else ()),
            ),
        ),
    )


def publish(difference: Difference[PublicationSettings]) -> tuple[Step, ...]:
    """Set the operations."""
    new, old = difference.new.operations, difference.old.operations
    return _altered(
        difference,
        f"Send {', '.join(new) or 'no operation'} by the publication {difference.ref.dotted}",
        (f"set (publish = {_listed(new)})",),
        " and ".join(f"{'' if word in new else 'not '}p.pub{word}" for word in OPERATIONS),
        narrower=not set(old) <= set(new),
    )


def route(difference: Difference[PublicationSettings]) -> tuple[Step, ...]:
    """Set under which name changes of partitions are sent."""
    word = str(difference.new.via_root).lower()
    return _altered(
        difference,
        f"Set {_VIA_ROOT} of the publication {difference.ref.dotted} to {word}",
        (f"set ({_VIA_ROOT} = {word})",),
        f"p.pubviaroot = {word}",
        narrower=False,
    )


def generate(difference: Difference[PublicationSettings]) -> tuple[Step, ...]:
    """Set which generated columns are sent."""
    word = difference.new.generated
    return _altered(
        difference,
        f"Set {_GENERATED} of the publication {difference.ref.dotted} to {word}",
        (f"set ({_GENERATED} = {word})",),
        f"pg_catalog.to_jsonb(p) ->> 'pubgencols' = '{word[0]}'",
        narrower=word == "none",
        needs=(since(18, _GENERATED),),
    )


def cover(difference: Difference[PublicationSettings]) -> tuple[Step, ...]:
    """Add and remove schemas; PostgreSQL cannot alter whether a publication is for all tables."""
    new, old = difference.new, difference.old
    if new.all_tables or old.all_tables:
        return ()
    more, less = (
        [one for one in a if one not in b] for a, b in ((new.schemas, old.schemas), (old.schemas, new.schemas))
    )
    statements = [f"add tables in schema {_names(more)}"] if more else []
    statements += [f"drop tables in schema {_names(less)}"] if less else []
    done = [sends_schema(one) for one in more] + [negated(sends_schema(one)) for one in less]
    return _altered(
        difference,
        f"Set the schemas of the publication {difference.ref.dotted}",
        tuple(statements),
        " and ".join(done),
        narrower=bool(less),
        needs=_beyond_tables(more, every=False),
        provides=(fitting(difference.ref),),
    )


def give(difference: Difference[PublicationSettings]) -> tuple[Step, ...]:
    """Change its owner."""
    owner = difference.new.owner
    if owner is None:
        return ()
    return _altered(
        difference,
        f"Change the owner of the publication {difference.ref.dotted} to {quoted(owner)}",
        (f"owner to {quoted(owner)}",),
        f"pg_catalog.pg_get_userbyid(p.pubowner) = {literal(owner)}",
        narrower=False,
        hazards=(Hazard.RIGHTS,),
        needs=(
            *giving_to(difference.ref.path, owner),
            Need(
                f"({SUPERUSER} or (select pg_catalog.has_database_privilege(r.oid, d.oid, 'CREATE')"
                " from pg_catalog.pg_roles r cross join pg_catalog.pg_database d"
                f" where r.rolname = {literal(owner)} and d.datname = pg_catalog.current_database()))",
                f"the role {quoted(owner)} needs CREATE on the database",
                f"Grant {quoted(owner)} CREATE on the database.",
                whole=True,
            ),
        ),
    )


def drop(difference: Difference[PublicationSettings]) -> tuple[Step, ...]:
    """Drop it."""
    ref = difference.ref
    return (
        Step(
            action=f"Drop the publication {ref.dotted}",
            ref=ref,
            sql=(f"drop publication {quoted(ref.path[0])}",),
            done=negated(_is(ref.path)),
            lock=LockLevel.NONE,
            provides=(absent(ref),),
            needs=(_owning(ref.path),),
            hazards=(Hazard.DROP,),
        ),
    )


def _altered(
    difference: Difference[PublicationSettings],
    action: str,
    statements: tuple[str, ...],
    done: str,
    *,
    narrower: bool,
    hazards: tuple[Hazard, ...] = (),
    needs: tuple[Need, ...] = (),
    provides: tuple[Condition, ...] = (),
) -> tuple[Step, ...]:
    ref = difference.ref
    return (
        Step(
            action=action,
            ref=ref,
            sql=tuple(f"alter publication {quoted(ref.path[0])} {statement}" for statement in statements),
            done=_is(ref.path, f" and {done}"),
            lock=LockLevel.NONE,
            provides=provides,
            requires=(present(ref),),
            needs=(_owning(ref.path), *needs),
            hazards=(*((Hazard.DROP,) if narrower else ()), *hazards),
        ),
    )


def _listed(operations: Iterable[str]) -> str:
    return literal(", ".join(operations))


def _names(schemas: Iterable[str]) -> str:
    return ", ".join(map(quoted, schemas))


def _is(path: ObjectPath, condition: str = "") -> str:
    return f"exists (select from pg_catalog.pg_publication p where p.pubname = {literal(path[0])}{condition})"


def _beyond_tables(schemas: Iterable[str], *, every: bool) -> tuple[Need, ...]:
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


def _owning(path: ObjectPath) -> Need:
    return Need(
        "(select pg_catalog.pg_has_role(p.pubowner, 'USAGE') from pg_catalog.pg_publication p"
        f" where p.pubname = {literal(path[0])})",
        f"own the publication {quoted(path[0])}",
        f"alter publication {quoted(path[0])} owner to {{role}};",
    )


CURE = Cure(
    create=create,
    drop=drop,
    alter={"operations": publish, "via_root": route, "generated_columns": generate, "scope": cover, "owner": give},
    address=lambda path: at(
        "pg_publication", "p.oid", f"pg_catalog.pg_publication p where p.pubname = {literal(path[0])}"
    ),
)
