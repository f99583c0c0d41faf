"""Sequences: created and altered in place; the current value is data, and no step moves it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import Cure, Difference, absent, array, block, negated, present
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.step import Around, Composed, Hazard, LockLevel, Need, Obstacle, Step
from sessionaudit.kinds.common.address import of_relation
from sessionaudit.kinds.common.carried_over import fixed
from sessionaudit.kinds.common.catalog_conditions import relation
from sessionaudit.kinds.common.owner_and_grants import excess, lacking, passed_on
from sessionaudit.kinds.common.ownership import adopted, adopting, becoming_owner, hand_over, handing_over
from sessionaudit.kinds.common.rights import creating_in, owning, role_there, since
from sessionaudit.kinds.sequence import options
from sessionaudit.kinds.sequence.model import PRIVILEGES, NumberSequence
from sessionaudit.sql.text import doubled, literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.step import Condition, Dependent
    from sessionaudit.kinds.sequence.options import SequenceOptions


def create(difference: Difference[NumberSequence]) -> tuple[Step, ...]:
    """Create it with its options, give it to its column, and grant what the contract gives.

    The sequence of a `serial` column that is to come is created with that; it is altered then.
    """
    new = difference.new
    stated = new.options or options.SequenceOptions()
    if _comes_with_column(difference):
        first = _altering(difference, stated, requires=(present(ObjectRef("column", new.owned_by or ())),))
    else:
        first = _creating(difference, stated)
    steps = [first]
    if new.owned_by and not _comes_with_column(difference):
        steps.append(_owned(difference, new.owned_by))
    steps += _granting(difference, dict(new.grants or ()), first=True)
    return tuple(steps)


def _comes_with_column(difference: Difference[NumberSequence]) -> bool:
    """Whether creating the column that owns it creates it as well."""
    path = difference.new.owned_by
    column = difference.wanted["column"].get(path) if path else None
    if path is None or column is None or not column.serial or path in difference.present["column"]:
        return False
    return difference.ref.path == (path[0], f"{path[1]}_{path[2]}_seq")


def _creating(difference: Difference[NumberSequence], stated: SequenceOptions) -> Step:
    ref, new = difference.ref, difference.new
    unlogged = new.persistence == "unlogged"
    sql = [f"create {'unlogged ' if unlogged else ''}sequence {ref.dotted} {options.spell(stated, typed=True)}"]
    if new.owner is not None and not new.owned_by:
        sql.append(f"alter sequence {ref.dotted} owner to {quoted(new.owner)}")
    elif not new.owned_by:
        sql.append(adopted(f"sequence {ref.dotted}", ref.path))
    return Step(
        action=f"Create the sequence {ref.dotted}",
        ref=ref,
        sql=tuple(sql),
        done=_is(ref.path, "true"),
        lock=LockLevel.NONE,
        provides=(present(ref),),
        needs=(
            creating_in(ref.path[0]),
            _vacant(ref.path),
            *((since(15, "unlogged sequences"),) if unlogged else ()),
            *(() if new.owned_by else becoming_owner(ref.path, new.owner)),
        ),
        wishes=() if new.owner or new.owned_by else adopting(ref.path),
    )


def drop(difference: Difference[NumberSequence]) -> tuple[Step, ...]:
    """Drop it, where nothing takes values from it any more."""
    ref = difference.ref
    if difference.old.identity:
        return ()  # it goes with its column's identity, and not without
    sql = (f"drop sequence {ref.dotted}",)

    def compose(found: tuple[Dependent, ...]) -> Composed:
        return Composed(sql, stuck=fixed(found, ref.path), help="Change what depends on it first, or keep it.")

    return (
        Step(
            action=f"Drop the sequence {ref.dotted}",
            ref=ref,
            sql=sql,
            done=negated(_is(ref.path, "true")),
            locks=(ref.path,),
            provides=(absent(ref),),
            needs=(owning(ref.path),),
            hazards=(Hazard.DROP,),
            around=Around(f"select o.*, true, false from ({of_relation(ref.path)}) o", compose),
        ),
    )


def count(difference: Difference[NumberSequence]) -> tuple[Step, ...]:
    """Set its type and all its options at once; one statement does both facets."""
    stated = difference.new.options
    return () if stated is None else (_altering(difference, stated),)


def _altering(
    difference: Difference[NumberSequence], stated: SequenceOptions, requires: tuple[Condition, ...] = ()
) -> Step:
    ref = difference.ref
    words = " ".join((f"as {stated.type}", *options.clauses(stated)))
    alter = doubled(f"alter sequence {ref.dotted} {words}".replace("'", "''"))
    moved = options.moved_on(stated)
    if requires:  # it is new, and nothing has taken a value from it yet
        moved = f"case when is_called then '' else ' restart with {stated.start}' end"
    body = (
        "declare\n  last_value bigint;\n  is_called boolean;\nbegin\n"
        f"  select s.last_value, s.is_called into last_value, is_called from {ref.dotted} s;\n"
        f"  execute pg_catalog.format('{alter}%s', {moved});\nend"
    )
    return Step(
        action=f"Set the options of the sequence {ref.dotted}",
        ref=ref,
        sql=(block(f"#variable_conflict use_variable\n{body}"),),
        done=_is(ref.path, f"q.seqtypid = {literal(stated.type)}::pg_catalog.regtype and {options.are(stated)}"),
        lock=LockLevel.SHARE_ROW_EXCLUSIVE,
        locks=(ref.path,),
        provides=(present(ref),),
        requires=requires,
        needs=(owning(ref.path),),
        obstacle=None if requires else _beyond(ref.path, stated),
    )


def _beyond(path: ObjectPath, stated: SequenceOptions) -> Obstacle:
    """That the current value is beyond the new end, so that the sequence could not go on without going back."""
    return Obstacle(
        rows=(
            f"select null as key, pg_catalog.format('its current value is %s', s.last_value) from {dotted(path)} s"
            f" where {options.beyond(stated)}"
        ),
        what=f"prevent {dotted(path)} from getting these options",
        hint="Keep the wider bounds in the contract, or restart the sequence yourself if its values are unused again.",
    )


def own(difference: Difference[NumberSequence]) -> tuple[Step, ...]:
    """Make the expected column its owner, or none; an identity's sequence cannot change that."""
    ref, new, old = difference.ref, difference.new, difference.old
    if old.identity:
        return ()
    if new.owned_by:
        return (_owned(difference, new.owned_by),)
    return (
        Step(
            action=f"Remove the owning column of the sequence {ref.dotted}",
            ref=ref,
            sql=(f"alter sequence {ref.dotted} owned by none",),
            done=_is(ref.path, negated(_OWNED.format(condition="true"))),
            lock=LockLevel.SHARE_ROW_EXCLUSIVE,
            locks=(ref.path,),
            needs=(owning(ref.path),),
        ),
    )


def _owned(difference: Difference[NumberSequence], path: ObjectPath) -> Step:
    ref = difference.ref
    body = "\n  ".join(hand_over(ref.dotted, path[:2], path[2]))
    column = ObjectRef("column", path)
    coming = column.path in difference.wanted["column"] and difference.wanted["column"][path] is not None
    table, keeper = difference.present["table"].get(path[:2]), difference.actual and difference.actual.owner
    given = keeper is not None and table is not None and table.owner != keeper
    condition = (
        f"d.refobjid = {relation(path)} and d.refobjsubid = (select a.attnum from pg_catalog.pg_attribute a"
        f" where a.attrelid = {relation(path)} and a.attname = {literal(path[2])} and not a.attisdropped)"
    )
    return Step(
        action=f"Make {dotted(path)} the owner of the sequence {ref.dotted}",
        ref=ref,
        sql=(block(f"begin\n  {body}\nend"),),
        done=_is(ref.path, _OWNED.format(condition=condition)),
        lock=LockLevel.ACCESS_EXCLUSIVE if given else LockLevel.SHARE_ROW_EXCLUSIVE,
        locks=(ref.path,),
        requires=(present(column),) if coming else (),
        needs=(owning(ref.path), owning(path), *(() if coming else (_column(path),)), handing_over(path)),
    )


def persist(difference: Difference[NumberSequence]) -> tuple[Step, ...]:
    """Make it logged, or unlogged."""
    ref, unlogged = difference.ref, difference.new.persistence == "unlogged"
    words, code = ("unlogged", "u") if unlogged else ("logged", "p")
    return (
        Step(
            action=f"Make the sequence {ref.dotted} {words}",
            ref=ref,
            sql=(f"alter sequence {ref.dotted} set {words}",),
            done=_is(ref.path, f"c.relpersistence = '{code}'"),
            locks=(ref.path,),
            needs=(owning(ref.path), since(15, "unlogged sequences")),
        ),
    )


def give(difference: Difference[NumberSequence]) -> tuple[Step, ...]:
    """Change its owner; one that a column owns has that of its table."""
    ref, owner = difference.ref, difference.new.owner
    if owner is None or difference.old.owned_by:
        return ()
    return (
        Step(
            action=f"Change the owner of the sequence {ref.dotted} to {quoted(owner)}",
            ref=ref,
            sql=(f"alter sequence {ref.dotted} owner to {quoted(owner)}",),
            done=_is(ref.path, f"pg_catalog.pg_get_userbyid(c.relowner) = {literal(owner)}"),
            locks=(ref.path,),
            needs=(owning(ref.path), *becoming_owner(ref.path, owner)),
            hazards=(Hazard.RIGHTS,),
        ),
    )


# Privileges


def grant(difference: Difference[NumberSequence]) -> tuple[Step, ...]:
    """Grant each role what it lacks."""
    return tuple(_granting(difference, lacking(difference.new, difference.old)))


def _granting(
    difference: Difference[NumberSequence], given: dict[str, frozenset[str]], *, first: bool = False
) -> Iterator[Step]:
    """A step for each role; of a new sequence default privileges may have given it more, which is revoked."""
    ref = difference.ref
    for name, privileges in given.items():
        words = ", ".join(word for word in PRIVILEGES if word in privileges)
        beyond = [word for word in PRIVILEGES if word not in privileges] if first else []
        own = _is(ref.path, f"c.relowner = {_oid(name)}")  # its privileges are those of ownership
        taken = f"revoke all on sequence {ref.dotted} from {quoted(name)}"
        sql = [block(f"begin\n  if not {own} then\n    {taken};\n  end if;\nend")] if beyond else []
        sql += [f"grant {words} on sequence {ref.dotted} to {quoted(name)}"] if words else []
        done = [_holds(ref.path, name, word) for word in PRIVILEGES if word in privileges]
        done += [f"({own} or {negated(_given(ref.path, name, beyond))})"] if beyond else []
        yield Step(
            action=f"Grant {words or 'nothing'} on the sequence {ref.dotted} to {quoted(name)}",
            ref=ref,
            sql=tuple(sql),
            done=f"({' and '.join(done)})",
            lock=LockLevel.ACCESS_SHARE,  # none at all before PostgreSQL 18
            locks=(ref.path,),
            requires=(present(ref),),
            needs=(owning(ref.path), *_role(name)),
            hazards=(Hazard.RIGHTS,),
        )


def revoke(difference: Difference[NumberSequence]) -> tuple[Step, ...]:
    """Revoke what roles of the contract were given beyond it."""
    return tuple(_revoking(difference, excess(difference.new, difference.old)))


def keep(difference: Difference[NumberSequence]) -> tuple[Step, ...]:
    """Revoke the grant option, and keep the privileges."""
    found = dict(passed_on(difference.new, difference.old))
    return tuple(_revoking(difference, found, "grant option for ", "x.is_grantable"))


def _revoking(
    difference: Difference[NumberSequence],
    found: dict[str, frozenset[str]],
    what: str = "",
    condition: str = "true",
) -> Iterator[Step]:
    ref = difference.ref
    for name, privileges in found.items():
        words = [word for word in PRIVILEGES if word in privileges]
        listed = what + ", ".join(words)
        yield Step(
            action=f"Revoke {listed} on the sequence {ref.dotted} from {quoted(name)}",
            ref=ref,
            sql=(f"revoke {listed} on sequence {ref.dotted} from {quoted(name)}",),
            done=negated(_given(ref.path, name, words, condition)),
            lock=LockLevel.ACCESS_SHARE,
            locks=(ref.path,),
            needs=(
                owning(ref.path),
                _granted_by_owner(ref.path, name, words),
                _passed_on(ref.path, name, words, listed),
            ),
            hazards=(Hazard.RIGHTS,),
        )


def _holds(path: ObjectPath, name: str, privilege: str) -> str:
    """Whether a role was given a privilege itself, or all roles were."""
    return f"({_given(path, name, [privilege])} or {_given(path, 'public', [privilege])})"


def _given(path: ObjectPath, name: str, privileges: list[str], condition: str = "true") -> str:
    return (
        "exists (select from pg_catalog.pg_class c cross join lateral"
        " pg_catalog.aclexplode(coalesce(c.relacl, pg_catalog.acldefault('s', c.relowner))) x"
        f" where c.oid = {relation(path)} and x.grantee = {_oid(name)} and {condition}"
        f" and pg_catalog.lower(x.privilege_type) = any ({array(privileges)}))"
    )


def _oid(name: str) -> str:
    return "0" if name == "public" else f"(select r.oid from pg_catalog.pg_roles r where r.rolname = {literal(name)})"


def _role(name: str) -> tuple[Need, ...]:
    return () if name == "public" else (role_there(name),)


def _granted_by_owner(path: ObjectPath, name: str, privileges: list[str]) -> Need:
    """That only the owner granted them: PostgreSQL would keep those that others granted, without an error."""
    return Need(
        negated(_given(path, name, privileges, "x.grantor <> c.relowner")),
        f"be the role that granted {quoted(name)} its privileges on {dotted(path)}, which is not the owner",
        f"-- as the role that granted it: revoke all on sequence {dotted(path)} from {quoted(name)};",
    )


def _passed_on(path: ObjectPath, name: str, privileges: list[str], words: str) -> Need:
    """That the role granted them to nobody: PostgreSQL refuses to take from it what others have by it."""
    return Need(
        negated(
            "exists (select from pg_catalog.pg_class c cross join lateral pg_catalog.aclexplode(c.relacl) x"
            f" where c.oid = {relation(path)} and x.grantor = {_oid(name)} and x.grantor <> c.relowner"
            f" and pg_catalog.lower(x.privilege_type) = any ({array(privileges)}))"
        ),
        f"the role {quoted(name)} has granted its privileges on {dotted(path)} to others; revoke those first",
        f"revoke {words} on sequence {dotted(path)} from {quoted(name)} cascade;",
        whole=True,
    )


# SQL

# Whether a column owns the sequence pg_class `c`, with a condition over pg_depend `d`.
_OWNED = (
    "exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass"
    " and d.objid = c.oid and d.refclassid = d.classid and d.refobjsubid > 0 and d.deptype in ('a', 'i')"
    " and {condition})"
)


def _is(path: ObjectPath, condition: str) -> str:
    """Whether the sequence is there and fulfils a condition over pg_class `c` and pg_sequence `q`."""
    return (
        "exists (select from pg_catalog.pg_class c join pg_catalog.pg_sequence q on q.seqrelid = c.oid"
        f" where c.oid = {relation(path)} and c.relkind = 'S' and {condition})"
    )


def _vacant(path: ObjectPath) -> Need:
    return Need(
        f"not exists (select from pg_catalog.pg_class c where c.oid = {relation(path)} and c.relkind <> 'S')",
        f"another relation already has the name {dotted(path)}",
        "Rename that object: sequences, tables, views and indexes share one namespace.",
        whole=True,
    )


def _column(path: ObjectPath) -> Need:
    return Need(
        f"exists (select from pg_catalog.pg_attribute a where a.attrelid = {relation(path)}"
        f" and a.attname = {literal(path[2])} and not a.attisdropped)",
        f"the column {dotted(path)} does not exist",
        "Create it, or declare it in the contract.",
        whole=True,
    )


CURE = Cure(
    create=create,
    drop=drop,
    alter={
        "type": count,
        "options": count,
        "owned_by": own,
        "persistence": persist,
        "owner": give,
        "grants": grant,
        "excess": revoke,
        "option": keep,
    },
    address=of_relation,
)
