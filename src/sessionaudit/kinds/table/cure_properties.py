"""Cures for other facets of a table: row security of partitions, persistence, replica identity, a view's options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.cure import array, guarding, present
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.core.step import Hazard, LockLevel, Need, Step
from sessionaudit.kinds.common.catalog_conditions import relation
from sessionaudit.kinds.common.rights import owning, since
from sessionaudit.kinds.table.cure_partitioning import belong
from sessionaudit.kinds.table.properties import UNLOGGED_IN, named
from sessionaudit.sql.fragment import Fragment
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sessionaudit.core.cure import Difference
    from sessionaudit.core.kind import ObjectPath


def guard(difference: Difference[Any]) -> tuple[Step, ...]:
    """Enable row security for the partitions without it; queries on the parent are not affected."""
    found = difference.old.shape.unguarded
    return (
        Step(
            action=f"Enable row security on {', '.join(found)}",
            ref=difference.ref,
            sql=tuple(f"alter table {part} enable row level security" for part in found),
            done=(
                "not exists (select from pg_catalog.pg_class c where"
                f" c.oid = any ({array(found)}::pg_catalog.regclass[]) and not c.relrowsecurity)"
            ),
            locks=tuple(Fragment(part).qualified("") for part in found),
            needs=(owning(difference.table), *(owning(Fragment(part).qualified("")) for part in found)),
            hazards=(Hazard.RIGHTS,),
        ),
    )


def persist(difference: Difference[Any]) -> tuple[Step, ...]:
    """Make the table logged, or unlogged; both rewrite it."""
    expected, kind = difference.new.shape.persistence or "permanent", difference.old.kind
    unlogged = (difference.old.shape.persistence or "").removeprefix(UNLOGGED_IN)
    if kind == "partitioned table" and expected == "permanent" and unlogged != difference.old.shape.persistence:
        paths, wanted = named(unlogged), difference.wanted["table"]
        stated = any(path in wanted and wanted[path] and wanted[path].shape.persistence == "unlogged" for path in paths)
        return () if stated else tuple(_persisted(difference, path, "logged") for path in paths)
    if kind != "table":
        return ()
    return (_persisted(difference, difference.table, "unlogged" if expected == "unlogged" else "logged"),)


def _persisted(difference: Difference[Any], path: ObjectPath, words: str) -> Step:
    code = words[0] if words == "unlogged" else "p"
    return Step(
        action=f"Make {dotted(path)} {words}",
        ref=difference.ref,
        sql=(f"alter table {dotted(path)} set {words}",),
        done=(
            f"exists (select from pg_catalog.pg_class c where c.oid = {relation(path)} and c.relpersistence = '{code}')"
        ),
        locks=(path,),
        needs=(owning(path),),
        hazards=(Hazard.REWRITE,),
        timeout=None,
    )


def identify(difference: Difference[Any]) -> tuple[Step, ...]:
    """Set the replica identity: what subscribers receive of an old row."""
    expected = difference.new.shape.replica_identity
    sort, _, name = expected.partition(" ")
    code = {"default": "d", "full": "f", "nothing": "n", "index": "i"}[sort]
    done = _is(difference, f"c.relreplident = '{code}'")
    if name:
        index = literal(Fragment(name).name())
        done = (
            f"({done} and exists (select from pg_catalog.pg_index i join pg_catalog.pg_class x on x.oid = i.indexrelid"
            f" where i.indrelid = {relation(difference.table)} and i.indisreplident and x.relname = {index}))"
        )
    return (
        Step(
            action=f"Make {expected} the replica identity of {difference.on}",
            ref=difference.ref,
            sql=(f"alter table {difference.on} replica identity {'using ' if name else ''}{expected}",),
            done=done,
            locks=(difference.table,),
            requires=tuple(
                present(ObjectRef(sort, path))
                for sort in ("key", "index")
                for path, value in difference.declared(sort, difference.table).items()
                if value is not None
                and name
                and path not in difference.present[sort]
                and path[2] == Fragment(name).name()
            ),
            needs=(owning(difference.table),),
        ),
    )


def reopen(difference: Difference[Any]) -> tuple[Step, ...]:
    """Set a view's options, and reset those that it should not have."""
    return set_options(difference, difference.new.shape.options, difference.old.shape.options)


def set_options(
    difference: Difference[Any], expected: tuple[str, ...] | None, found: tuple[str, ...] | None
) -> tuple[Step, ...]:
    """Give a view the options that are expected, in place of those that are found."""
    if found is None or expected is None:
        return ()
    new, old = dict(map(option_of_view, expected)), dict(map(option_of_view, found))
    given = ", ".join(f"{name} = {value}" for name, value in new.items() if old.get(name) != value)
    taken = ", ".join(name for name in old if name not in new)
    sql = [f"alter view {difference.on} set ({given})"] if given else []
    sql += [f"alter view {difference.on} reset ({taken})"] if taken else []
    needs: tuple[Need, ...] = (owning(difference.table),)
    if "security_invoker" in new:
        needs = (*needs, since(15, "security_invoker"))
    return (
        Step(
            action=f"Set the options of the view {difference.on}",
            ref=difference.ref,
            sql=tuple(sql),
            done=_is(difference, f"{_OPTIONS} = {array(sorted(expected))}"),
            lock=LockLevel.ACCESS_EXCLUSIVE,
            locks=(difference.table,),
            provides=(guarding(difference.ref),),
            needs=needs,
            hazards=(Hazard.RIGHTS, *((Hazard.LOOSEN,) if _shows_more(new, old) else ())),
        ),
    )


def _shows_more(new: Mapping[str, str], old: Mapping[str, str]) -> bool:
    """Whether it loses an option; each of them restricts those who read or write it."""
    return not old.keys() <= new.keys() or (old.get("check_option"), new.get("check_option")) == ("cascaded", "local")


def option_of_view(words: str) -> tuple[str, str]:
    """An option as SQL has it, name and value."""
    level, check, _ = words.partition(" check option")
    return ("check_option", level) if check else (words, "true")


_OPTIONS = (
    "array(select case o.option_name when 'check_option' then o.option_value || ' check option' else o.option_name end"
    " from pg_catalog.pg_options_to_table(c.reloptions) o"
    " where o.option_name = 'check_option' or o.option_value::boolean order by 1)"
)


def _is(difference: Difference[Any], condition: str) -> str:
    return f"exists (select from pg_catalog.pg_class c where c.oid = {relation(difference.table)} and {condition})"


# As which role a view reads, a person must decide.
ALTER: Mapping[str, Callable[[Difference[Any]], tuple[Step, ...]] | None] = {
    "partitions": guard,
    "persistence": persist,
    "replica_identity": identify,
    "parent": belong,
    "options": reopen,
    "shown": None,
}
