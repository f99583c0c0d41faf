"""Compare what roles may do with what a file makes, where a GRANT or REVOKE of the file names them.

What else roles may do with a new object is by default, of which a replay does not know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.audits.migrations.stated import last_name, located_statements, names_of
from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.audits.migrations.effects import History, MigrationReplay
    from sessionaudit.core.finding import Location
    from sessionaudit.core.schema import Schema

FACET = "grants"
_OF_ROLES = tuple(kind for kind in KINDS if "role" in kind.path)
_NO_ROLES = {"cascade", "restrict", "with", "grant", "option", "granted", "by", "group"}
_PRIVILEGES = ("granted", "own_columns")


def differing_rights(
    history: History, file: MigrationReplay, actual: Schema
) -> Iterator[tuple[ObjectRef, Location, str, str]]:
    """Return the objects with the statement, what the role that it names should have, and what it has."""
    for ref, role, location in _named(file):
        made, found = _had(history, file, actual, ref, role)
        if made != found:
            yield ref, location, f"{role}: {made}", f"{role}: {found}"


def named_rights(file: MigrationReplay) -> Iterator[ObjectRef]:
    """Return what must be read of a database, so that these can be compared."""
    for ref, role, _ in _named(file):
        if _is_relation(ref):
            yield from (ObjectRef(kind.name, (*ref.path, role)) for kind in _OF_ROLES if _is_of(kind.path, ref))


def _named(file: MigrationReplay) -> Iterator[tuple[ObjectRef, str, Location]]:
    """The objects that the file makes and a statement of rights names, with each role of that."""
    refused = {failure.statement for failure in file.failures}
    for location, statement in located_statements(file.migration):
        if statement.words[0] not in {"grant", "revoke"} or statement.text in refused:
            continue
        names = names_of(statement)
        mark = "from" if statement.words[0] == "revoke" else "to"
        roles = names[len(names) - names[::-1].index(mark) :] if mark in names else []
        for effect in file.of("added"):
            ref = effect.ref
            if last_name(ref) in names or {"all", "schema", f"{ref.kind}s"} <= {*names}:
                yield from ((ref, role, location) for role in roles if role not in _NO_ROLES)


def _is_of(path: tuple[str, ...], ref: ObjectRef) -> bool:
    return path.index("role") == len(ref.path)


def _had(history: History, file: MigrationReplay, actual: Schema, ref: ObjectRef, role: str) -> tuple[str, str]:
    """What a role was granted itself by the files, and what in the database; the same where it cannot be compared."""
    unknown = "", ""
    there = actual.objects.get(ref.kind, {}).get(ref.path)
    model = history.model(ref)
    if there is None or model is None:
        return unknown
    if _is_relation(ref):
        kind = next(kind.name for kind in _OF_ROLES if _is_of(kind.path, ref))
        right = ObjectRef(kind, (*ref.path, role))
        if kind not in actual.objects or _is_of_another(history, file, right):
            return unknown
        return _granted(history.model(right)), _granted(actual.objects[kind].get(right.path))
    if _is_of_another(history, file, ref):
        return unknown
    made, found = (getattr(one, FACET, None) for one in (model, there))
    return (_entry(made, role), _entry(found, role)) if made is not None and found is not None else unknown


def _is_relation(ref: ObjectRef) -> bool:
    return next(kind.is_relation for kind in KINDS if kind.name == ref.kind)


def _is_of_another(history: History, file: MigrationReplay, ref: ObjectRef) -> bool:
    """Whether another file was the last that changed it."""
    return any(step.migration is not file.migration for step in history.steps.get(ref, ())[-1:])


def _granted(model: Any | None) -> str:
    if model is None:
        return "nothing"
    words = {str(one) for name in _PRIVILEGES for one in getattr(model, name)} - {"maintain"}  # not in every version
    return ", ".join(sorted(words)) or "nothing"


def _entry(grants: Any, role: str) -> str:
    """What an entry has for a role: it is in a set of roles, or has words of its own."""
    if isinstance(grants, frozenset):
        return "execute" if role in grants else "nothing"
    return ", ".join(sorted(map(str, dict(grants).get(role, ())))) or "nothing"
