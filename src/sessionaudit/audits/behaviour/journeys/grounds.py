"""Tell what a step stands on: the objects that must be right for it, as far as its error names them.

A finding on one of them explains the step's. So these are few: what an error names, and where no error names anything,
what decides which rows a role may read and write.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.contract.mentions import named, words
from sessionaudit.core import sqlstate
from sessionaudit.core.quoted_names import quoted_names
from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import psycopg

    from sessionaudit.audits.behaviour.journeys.statements import SentStatement
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.kind import ObjectPath

_FUNCTION = re.compile(r"function (?:[\w$]+\.)?([\w$]+)\(")
_GRANTS, _POLICIES = "grant", "policy"
_OF_POLICIES = "ExecWithCheckOptions"  # the function of the server that raises 42501 for them


class Grounds(Struct, frozen=True):
    """The contract, and the objects that earlier audits have findings on.

    `hidden` is the role that connects, where it may not look into the contract's schema.
    """

    contract: Contract
    found: frozenset[ObjectRef] = frozenset()
    hidden: str = ""

    def of_step(self, sent: SentStatement, error: psycopg.Error | None = None) -> tuple[ObjectRef, ...]:
        """Return what a step stands on that has failed with an error, or has not done what it should."""
        tables, said = named(sent.source, self.contract), set[str]()
        kinds: tuple[str, ...] = (_POLICIES, _GRANTS)
        whole = True
        if error is not None:
            _add_named(error, tables, said)
            said = said or set(words(sent.source))
            kinds, whole = _deciding(error), error.sqlstate in sqlstate.UNDEFINED
        role = str(sent.step.actor.role) if sent.step.actor else ""
        refs = self._refs(tables, said, kinds, whole=whole)
        return tuple(ref for ref in refs if not role or ref.kind not in kinds or self._concerns(ref, role))

    def _concerns(self, ref: ObjectRef, role: str) -> bool:
        """Whether a grant is about a role, or a policy, as far as the contract says for whom it is."""
        if ref.kind == _GRANTS:
            return ref.path[-1] in {role, "public"}
        declared = self.contract.objects.get(ref.kind, {}).get(ref.path)
        kind = next(kind for kind in KINDS if kind.name == ref.kind)
        if declared is None or declared.value is None or kind.roles is None:
            return True
        roles = {*kind.roles(ref.path, declared.value)}
        return not roles or bool(roles & {role, "public"})

    def of_error(self, error: psycopg.Error) -> tuple[ObjectRef, ...]:
        """Return the objects that an error names."""
        tables: set[ObjectPath] = set()
        said: set[str] = set()
        _add_named(error, tables, said)
        return tuple(self._refs(tables, said, (), whole=False))

    def _refs(
        self, tables: set[ObjectPath], said: set[str], kinds: Sequence[str], *, whole: bool
    ) -> Iterator[ObjectRef]:
        for ref in self._known:
            path = ref.path
            alone = len(path) == 2 or (len(path) == 3 and path[2].startswith("("))
            if alone:
                if (path in tables and whole) or (path not in tables and path[1] in said):
                    yield ref
            elif path[:2] in tables and (path[-1] in said or ref.kind in kinds):
                yield ref

    @property
    def _known(self) -> Iterator[ObjectRef]:
        stated = {ObjectRef(kind, path) for kind, paths in self.contract.objects.items() for path in paths}
        return iter(sorted(stated | self.found))


def _deciding(error: psycopg.Error) -> tuple[str, ...]:
    """Return the kinds of what decides whether a role gets an error of access; none for other errors."""
    if error.sqlstate == sqlstate.INVALID_OBJECT_DEFINITION:
        return (_POLICIES,)
    if error.sqlstate == sqlstate.INSUFFICIENT_PRIVILEGE:
        return (_POLICIES,) if error.diag.source_function == _OF_POLICIES else (_GRANTS,)
    return ()


def _add_named(error: psycopg.Error, tables: set[ObjectPath], said: set[str]) -> None:
    diag = error.diag
    said |= {word for word in (diag.constraint_name, diag.column_name, diag.datatype_name) if word}
    said |= {*quoted_names(diag.message_primary or ""), *_FUNCTION.findall(diag.context or "")}
    if diag.schema_name and diag.table_name:
        tables.add((diag.schema_name, diag.table_name))
