"""The SQL of a contract, of which only PostgreSQL knows whether it is right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.finding import Skipped
from sessionaudit.core.query import Sort
from sessionaudit.core.ref import ObjectRef
from sessionaudit.kinds.lints import lint_of
from sessionaudit.lint.checks.files import repairs_of
from sessionaudit.lint.checks.names import unknown
from sessionaudit.lint.finding_of import FILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.kind import Kind
    from sessionaudit.lint.stating import StatedContract

_UNASKED = "only PostgreSQL can judge this SQL, and --embedded has a private server do so"
_UNDECLARED = "it names what the contract does not declare, and only a database tells whether that is there"
_UNPARSED = "the SQL of this file was not looked at, and --embedded has a private server do so"


def texts_of(stated: StatedContract) -> Iterator[tuple[ObjectRef, str]]:
    """Yield what has SQL, and the SQL: objects, each with all of its texts, invariants, journeys and repairs."""
    for kind, ref, entry in stated.objects():
        forms = [one.form for one in kind.attributes if one.form and one.form.sort is not Sort.TYPE]
        texts = [text for form in forms if (text := form.text(entry.value)) is not None]
        if texts:
            yield ref, " ".join(texts)
    contract = stated.contract
    yield from ((one.ref, " ".join(one.fragments)) for one in contract.invariants)
    yield from ((one.ref, " ".join(step.sql for step in one.steps)) for one in contract.journeys)
    yield from ((ObjectRef(FILE, (str(name),)), "") for name in repairs_of(contract))


def _by_server(kind: Kind[Any]) -> bool:
    lint = lint_of(kind.name)
    return lint is not None and lint.by_server


def unasked(stated: StatedContract) -> tuple[Skipped, ...]:
    """Return what nobody can judge without a server."""
    reasons = dict.fromkeys(unknown(stated), _UNDECLARED)
    reasons |= dict.fromkeys((ref for kind, ref, _ in stated.objects() if _by_server(kind)), _UNASKED)
    reasons |= {ref: _UNPARSED if ref.kind == FILE else _UNASKED for ref, _ in texts_of(stated)}
    return tuple(Skipped(str(ref), reason, about=(ref,)) for ref, reason in reasons.items())
