"""Publications: created with their settings, which are then altered one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import Cure, Difference, absent, fitting, negated, present
from sessionaudit.core.step import Hazard, LockLevel, Need, Step
from sessionaudit.kinds.common.rights import since
from sessionaudit.kinds.publication.coverage import sends_schema
from sessionaudit.kinds.publication_settings.creating import (
    GENERATED,
    VIA_ROOT,
    beyond_tables,
    created,
    giving,
    is_publication,
    names,
    operations,
    owning_publication,
    publication_address,
)
from sessionaudit.kinds.publication_settings.cure_exchange import exchanged, unlisted
from sessionaudit.kinds.publication_settings.model import OPERATIONS, PublicationSettings
from sessionaudit.sql.text import literal, quoted

if TYPE_CHECKING:
    from sessionaudit.core.step import Condition


def create(difference: Difference[PublicationSettings]) -> tuple[Step, ...]:
    """Create it, without the tables that it lists."""
    ref, new = difference.ref, difference.new
    return (
        Step(
            action=f"Create the publication {ref.dotted}",
            ref=ref,
            sql=(created(ref.path, new),),
            done=is_publication(ref.path),
            lock=LockLevel.NONE,
            provides=(present(ref),),
            needs=(
                Need(
                    "pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')",
                    f"have CREATE on the database to create the publication {quoted(ref.path[0])}",
                    "Grant {role} CREATE on the database.",
                ),
                *beyond_tables(new.schemas, every=new.all_tables),
                *((since(18, GENERATED),) if new.generated != "none" else ()),
            ),
        ),
    )


def publish(difference: Difference[PublicationSettings]) -> tuple[Step, ...]:
    """Set the operations."""
    new, old = difference.new.operations, difference.old.operations
    return _altered(
        difference,
        f"Send {', '.join(new) or 'no operation'} by the publication {difference.ref.dotted}",
        (f"set (publish = {operations(new)})",),
        " and ".join(f"{'' if word in new else 'not '}p.pub{word}" for word in OPERATIONS),
        narrower=not set(old) <= set(new),
    )


def route(difference: Difference[PublicationSettings]) -> tuple[Step, ...]:
    """Set under which name changes of partitions are sent."""
    word = str(difference.new.via_root).lower()
    return _altered(
        difference,
        f"Set {VIA_ROOT} of the publication {difference.ref.dotted} to {word}",
        (f"set ({VIA_ROOT} = {word})",),
        f"p.pubviaroot = {word}",
        narrower=False,
    )


def generate(difference: Difference[PublicationSettings]) -> tuple[Step, ...]:
    """Set which generated columns are sent."""
    word = difference.new.generated
    return _altered(
        difference,
        f"Set {GENERATED} of the publication {difference.ref.dotted} to {word}",
        (f"set ({GENERATED} = {word})",),
        f"pg_catalog.to_jsonb(p) ->> 'pubgencols' = '{word[0]}'",
        narrower=word == "none",
        needs=(since(18, GENERATED),),
    )


def cover(difference: Difference[PublicationSettings]) -> tuple[Step, ...]:
    """Add and remove schemas; one that becomes, or was, for all tables is exchanged."""
    new, old = difference.new, difference.old
    if new.all_tables or old.all_tables:
        return exchanged(difference)
    more, less = (
        [one for one in a if one not in b] for a, b in ((new.schemas, old.schemas), (old.schemas, new.schemas))
    )
    statements = [f"add tables in schema {names(more)}"] if more else []
    statements += [f"drop tables in schema {names(less)}"] if less else []
    done = [sends_schema(one) for one in more] + [negated(sends_schema(one)) for one in less]
    return _altered(
        difference,
        f"Set the schemas of the publication {difference.ref.dotted}",
        tuple(statements),
        " and ".join(done),
        narrower=bool(less),
        needs=beyond_tables(more, every=False),
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
        needs=giving(difference.ref.path, owner),
    )


def drop(difference: Difference[PublicationSettings]) -> tuple[Step, ...]:
    """Drop it."""
    ref = difference.ref
    return (
        Step(
            action=f"Drop the publication {ref.dotted}",
            ref=ref,
            sql=(f"drop publication {quoted(ref.path[0])}",),
            done=negated(is_publication(ref.path)),
            lock=LockLevel.NONE,
            provides=(absent(ref),),
            needs=(owning_publication(ref.path),),
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
            done=is_publication(ref.path, f" and {done}"),
            lock=LockLevel.NONE,
            provides=provides,
            requires=(present(ref),),
            follows=() if provides else (fitting(ref),),  # it may be exchanged with the settings that it has
            needs=(owning_publication(ref.path), *needs),
            hazards=(*((Hazard.DROP,) if narrower else ()), *hazards),
        ),
    )


CURE = Cure(
    create=create,
    drop=drop,
    alter={"operations": publish, "via_root": route, "generated_columns": generate, "scope": cover, "owner": give},
    by_hand={"scope": unlisted},
    address=publication_address,
)
