"""Read `--replace`: the replacements of values that are removed from an enum type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sessionaudit.core.node import nearest
from sessionaudit.core.ref import dotted
from sessionaudit.errors import UsageError
from sessionaudit.kinds.cures import CURES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sessionaudit.audits.evaluation import Examination
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.finding import Finding


_EXAMPLE = "An example is --replace order_state.unpaid=open: rows with the removed value unpaid get open."


def read(words: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Parse `TYPE.VALUE=VALUE` arguments into pairs of `type.value` and value. Raises UsageError."""
    found: list[tuple[str, str]] = []
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or "." not in name or not value:
            raise UsageError(f"--replace takes TYPE.VALUE=VALUE, not “{word}”", hint=_EXAMPLE)
        found.append((name, value))
    return tuple(found)


def decided(examination: Examination, choices: Iterable[tuple[str, str]]) -> Contract:
    """Return the contract with the replacements of removed enum values. Raises UsageError."""
    contract, actual = examination.contract, examination.actual.objects
    objects = {kind: dict(paths) for kind, paths in contract.objects.items()}
    for word, value in choices:
        kind, path, old = _chosen(contract, word)
        decide: Callable[[Any, dict[str, str], Any], Any] | None = CURES[kind].decide
        if decide is None:
            raise AssertionError(kind)
        entry = objects[kind][path]
        try:
            objects[kind][path] = entry._replace(
                value=decide(entry.value, {old: value}, actual.get(kind, {}).get(path))
            )
        except ValueError as error:
            reason, *hint = error.args
            raise UsageError(f"--replace {word}={value}: {reason}", hint="".join(hint)) from None
    return replace(contract, objects=objects)


def without_effect(examination: Examination, choices: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Say of a replaced value that the type does not have it, if it is perhaps another one, misspelled.

    It is no error: the same call may have removed the value before.
    """
    for word, value in choices:
        kind, path, old = _chosen(examination.contract, word)
        there = examination.actual.objects.get(kind, {}).get(path)
        misspelled = CURES[kind].misspelled
        if there is not None and misspelled is not None and (hint := misspelled(there, old, value)):
            yield f"--replace {word}={value} has no effect: the type has no value “{old}”. {hint}"


def _chosen(contract: Contract, word: str) -> tuple[str, tuple[str, ...], str]:
    """Return the type and the value that `type.value` or `schema.type.value` names."""
    name, _, old = word.rpartition(".")
    known: list[str] = []
    for kind, cure in CURES.items():
        for path, entry in contract.objects[kind].items() if cure.decide else ():
            spellings = {dotted(path), ".".join(path)}
            if path[0] == contract.schema:
                spellings |= {dotted(path[1:]), ".".join(path[1:])}
            if name in spellings and entry.value is not None:
                return kind, path, old
            known.append(dotted(path))
    raise UsageError(
        f"--replace {word}: the contract has no type “{name}”",
        hint=nearest(name, known) or _EXAMPLE,
    )


def decided_finding(finding: Finding, contract: Contract) -> Finding:
    """Return a finding whose expected value includes the replacements in the contract."""
    entry = contract.objects.get(finding.ref.kind, {}).get(finding.ref.path)
    if entry is None or finding.subject is None or finding.subject.expected is None:
        return finding
    return replace(finding, subject=finding.subject._replace(expected=entry.value))
