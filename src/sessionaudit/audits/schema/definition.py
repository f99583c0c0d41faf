"""Spell the definitions of existing objects with findings as the contract would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sessionaudit.contract import writer
from sessionaudit.kinds import KINDS
from sessionaudit.sql.text import quoted, unqualified

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sessionaudit.core.finding import Finding
    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.core.schema import Schema

    Names = Callable[[], frozenset[str]]

_KINDS = {kind.name: kind for kind in KINDS}
_VERBATIM = {(kind.name, "") for kind in KINDS if kind.verbatim} | {
    (kind.name, attribute.facet) for kind in KINDS for attribute in kind.attributes if attribute.verbatim
}
_UNSTATED = {(kind.name, ""): kind.unstated for kind in KINDS if kind.unstated} | {
    (kind.name, attribute.facet): attribute.unstated
    for kind in KINDS
    for attribute in kind.attributes
    if attribute.unstated
}


def defined(findings: Iterable[Finding], actual: Schema, schema: str, own_names: Names) -> tuple[Finding, ...]:
    """Return the findings, each with the existing object's definition, as a contract of `schema` spells it.

    `own_names` returns the names in pg_catalog: an object of such a name needs its schema.
    """
    known: dict[ObjectRef, str | None] = {}
    result: list[Finding] = []
    for finding in findings:
        subject = finding.subject
        ref = (subject.found if subject else None) or finding.ref
        model = actual.objects.get(ref.kind, {}).get(ref.path)
        if ref not in known:
            known[ref] = None if model is None else _line(ref, model, schema, own_names)
        told = finding.actual is not None and not unstated(ref.kind, finding.facet, model)
        result.append(replace(finding, definition=known[ref] if told else None))
    return tuple(result)


def unstated(kind: str, facet: str, model: Any | None) -> bool:
    """Whether no definition in a contract would remove the finding on this facet."""
    tests = [_UNSTATED[key] for key in ((kind, ""), (kind, facet)) if key in _UNSTATED]
    return model is None or any(test(model) for test in tests)


def _line(ref: ObjectRef, model: Any, schema: str, own_names: Names) -> str:
    return writer.line(ref, model, spelled(ref.kind, model, schema, own_names), schema)


def spelled(kind: str, model: Any, schema: str, own_names: Names) -> Any:
    """Return a model as the data of the contract's YAML, without the contract's own schema."""
    declared = _KINDS[kind]
    return shown(kind, (declared.brief or declared.spell)(model), schema, own_names)


def shown(kind: str, said: Any, schema: str, own_names: Names) -> Any:
    """What the contract says, without the contract's own schema where that means the same."""
    if isinstance(said, dict):
        parts: dict[str, Any] = {**said}
        return {key: _shown(kind, key, one, schema, own_names) for key, one in parts.items()}
    return _shown(kind, "", said, schema, own_names)


def _shown(kind: str, facet: str, said: Any, schema: str, own_names: Names) -> Any:
    if not isinstance(said, str) or f"{quoted(schema)}." not in said or (kind, facet) in _VERBATIM:
        return said
    return unqualified(said, schema, own_names())
