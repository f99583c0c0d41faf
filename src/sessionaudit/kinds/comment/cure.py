"""Comments: one statement writes or removes one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.cure import Cure, Difference, absent, present
from sessionaudit.core.step import LockLevel, Need, Obstacle, Step
from sessionaudit.kinds.comment.about import refs
from sessionaudit.kinds.comment.place import place
from sessionaudit.kinds.comment.target import ON_RELATION, Commented, target
from sessionaudit.kinds.common.rights import owning_of
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from sessionaudit.core.step import Condition
    from sessionaudit.kinds.comment.model import Comment


def write(difference: Difference[Comment]) -> tuple[Step, ...]:
    """Write the comment, whatever there is."""
    on = target(difference.ref.path[0], difference.schema)
    ref = difference.ref
    text = difference.new.text
    return (
        Step(
            action=f"Comment on {on.spelled}",
            ref=ref,
            sql=(f"comment on {on.for_statement} is {literal(text)}",),
            done=_commented(on, f"d.description = {literal(text)}"),
            lock=_lock(on),
            locks=_locks(on),
            provides=(present(ref),),
            requires=_grounds(difference, on),
            reads=(on.spelled,),
            needs=(_owning(on),),
            obstacle=_nowhere(difference, on),
        ),
    )


def remove(difference: Difference[Comment]) -> tuple[Step, ...]:
    """Remove the comment; the object stays."""
    on = target(difference.ref.path[0], difference.schema)
    ref = difference.ref
    return (
        Step(
            action=f"Remove the comment on {on.spelled}",
            ref=ref,
            sql=(f"comment on {on.for_statement} is null",),
            done=f"not {_commented(on)}",
            lock=_lock(on),
            locks=_locks(on),
            provides=(absent(ref),),
            needs=(_owning(on),),
        ),
    )


def _lock(on: Commented) -> LockLevel:
    """PostgreSQL locks what the comment is on; of what is on a relation it keeps that from being dropped."""
    if not _locks(on):
        return LockLevel.NONE
    return LockLevel.ACCESS_SHARE if on.sort in ON_RELATION else LockLevel.SHARE_UPDATE_EXCLUSIVE


def _locks(on: Commented) -> tuple[tuple[str, ...], ...]:
    return (on.path[:2],) if on.on_relation or on.sort == "index" else ()


def _grounds(difference: Difference[Comment], on: Commented) -> tuple[Condition, ...]:
    """What it is on, where the contract is to bring that."""
    wanted = (ref for ref in refs(on) if difference.wanted.get(ref.kind, {}).get(ref.path) is not None)
    ref = next(wanted, None)
    return () if ref is None else (present(ref),)


def _nowhere(difference: Difference[Comment], on: Commented) -> Obstacle | None:
    """What it is on, where that is not there and the contract does not bring it."""
    if _grounds(difference, on) or _may_come(difference, on):
        return None
    what = literal(on.spelled)
    return Obstacle(
        rows=f"select null as key, {what}::text as name where not exists ({place(on).query})",
        what="to comment on, which is not there",
        hint=f"Create the {on.spelled}, or omit the comment.",
    )


def _may_come(difference: Difference[Comment], on: Commented) -> bool:
    """Whether something of its name, that is missing, is declared by the contract."""
    name = next(part for part in reversed(on.path) if not part.startswith("("))
    return any(
        value is not None and name in path and path not in difference.present.get(kind, {})
        for kind, paths in difference.wanted.items()
        for path, value in paths.items()
    )


# SQL expressions


def _commented(on: Commented, condition: str = "true") -> str:
    catalog, query = place(on)
    return (
        f"exists (select from pg_catalog.pg_description d join ({query}) o on d.objoid = o.id and d.objsubid = o.sub"
        f" where d.classoid = 'pg_catalog.{catalog}'::pg_catalog.regclass and {condition})"
    )


def _owning(on: Commented) -> Need:
    return owning_of("o.owner", f"from ({place(on).query}) o", f"the {on.spelled}")


CURE = Cure(create=write, drop=remove, alter={"text": write})
