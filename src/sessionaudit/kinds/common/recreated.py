"""Replacing a view by dropping it and creating it again in one transaction, with what depends on it carried over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sessionaudit.core.ref import dotted
from sessionaudit.core.step import Around, Composed, Rehearsal
from sessionaudit.kinds.common.address import of_relation
from sessionaudit.kinds.common.carried_over import compiled, left_out, listed, locked, owned, rehearsed, stuck, unwanted
from sessionaudit.sql.text import quoted, tokens, unquote

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from sessionaudit.core.cure import Difference
    from sessionaudit.core.step import Dependent

UNPROVEN = "It is not certain that it shows no more than before"


def recreated(
    difference: Difference[Any], dropped: str, created: str, gone: Collection[str], *, tried: bool = True
) -> Around:
    """For a step that drops a view and creates it as expected; `gone` are the columns that it has no longer.

    With `tried` the dependents are tried on a temporary view beforehand.
    """
    path = difference.ref.path

    def compose(found: tuple[Dependent, ...]) -> Composed:
        absent = [one for one in found if one.path != path and unwanted(one, difference)]
        told = [f"It drops {listed((one,))}, which the contract declares absent." for one in absent]
        carried = [left_out(one) if one in absent else one for one in found]
        kept = [one for one in carried if one not in absent and one.put]
        hindered = stuck([one for one in carried if one not in absent], path)
        if not tried and not hindered:
            hindered = _unfit(difference, kept, gone)
        return Composed(
            sql=(*_taken(carried), *_put(difference, carried, created, gone)),
            told=" ".join([*told, *compiled(kept)]),
            locks=locked(carried),
            needs=owned(carried),
            stuck=hindered,
            help="Drop it and recreate it yourself." if hindered else "",
            rehearsal=_rehearsal(difference, kept, dropped, created) if tried and not hindered else None,
        )

    return Around(f"select o.*, true, false from ({of_relation(path)}) o", compose)


def _taken(found: Iterable[Dependent]) -> Iterator[str]:
    return (statement for one in reversed([*found]) for statement in one.take)


def _put(difference: Difference[Any], found: Iterable[Dependent], created: str, gone: Collection[str]) -> Iterator[str]:
    for one in found:
        if not _itself(one, difference):
            if one.sort != "default" or one.path[-1] not in gone:
                yield from one.put
            continue
        yield created
        yield from (statement for statement in one.put[1:] if not _names(statement, difference, gone))


def _itself(one: Dependent, difference: Difference[Any]) -> bool:
    return one.path == difference.ref.path and one.name == difference.ref.dotted and bool(one.take)


def _names(statement: str, difference: Difference[Any], gone: Collection[str]) -> bool:
    """Whether a statement gives a comment or a privilege to a column that is no more."""
    comments = tuple(f"comment on column {difference.ref.dotted}.{dotted((name,))} is " for name in gone)
    before = statement.partition(" on table ")[0]
    return statement.startswith(comments) or (
        statement.startswith("grant ") and any(before.endswith(f" ({dotted((name,))})") for name in gone)
    )


def _unfit(difference: Difference[Any], found: Iterable[Dependent], gone: Collection[str]) -> str:
    """Which dependents name a column that is no more; "" where none does."""
    lost = [one for one in found if not _itself(one, difference) and not _words(one.put[0]).isdisjoint(gone)]
    return f"{listed(lost)} cannot stand on it without {', '.join(map(quoted, gone))}" if lost else ""


def _words(statement: str) -> set[str]:
    return {unquote(token.text) for token in tokens(statement) if token.sort in {"word", "quoted"}}


def _rehearsal(difference: Difference[Any], found: Iterable[Dependent], dropped: str, created: str) -> Rehearsal | None:
    path, dependents = difference.ref.path, [*found]
    was = next((one.put[0] for one in dependents if _itself(one, difference)), None)
    others = [one for one in dependents if not _itself(one, difference)]
    if was is None or not others:
        return None
    base = rehearsed(others, (path,), (was,), (dropped, created))
    return replace(base, tables=(), views=(path, *base.views), fits="the new view")
