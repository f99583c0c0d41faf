"""Read the sections `rules:` and `waivers:`: which findings count, and how much."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.core.finding import Severity, Waiver
from sessionaudit.core.node import (
    Node,
    NodeError,
    Scalar,
    described,
    known_keys,
    mapping,
    nearest,
    one_of,
    sequence,
    text,
)
from sessionaudit.core.place import already, where
from sessionaudit.rulebook import RULES, find

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.contract.problems import Problems

MOST_GLOBS = 1_000
_MAGIC = re.compile(r"[*?[]")


def read_rules(node: Node, problems: Problems) -> Iterator[tuple[str, Severity | None]]:
    """Read the severities that a contract changes, by rule; None switches a rule off. Raises NodeError."""
    levels = {"error": Severity.ERROR, "warning": Severity.WARNING, "note": Severity.NOTE, "ignore": None}
    known: dict[str, Scalar] = {}
    for key, value in mapping(node, "a mapping of rules to severities").items():
        with problems.of(key):
            rule = find(key)
            if rule is None:
                raise _unknown_rule(key)
            first = known.setdefault(rule.name, key)
            if first.source is not key.source:
                raise NodeError(f"the rule {rule.name} stands in two files", key, already(first, key))
            yield rule.name, levels[one_of(value, levels)]


def read_waivers(node: Node, problems: Problems) -> Iterator[Waiver]:
    """Read the waivers of a contract. Raises NodeError."""
    globs = 0
    for item in sequence(node, "a list of waivers"):
        with problems.of(item):
            waiver = _waiver(item)
            globs += bool(_MAGIC.search(waiver.object))
            if globs == MOST_GLOBS + 1:  # each is matched with every finding
                raise NodeError(f"more than {MOST_GLOBS:,} waivers with a glob", item, "Name the objects.")
            yield waiver


_WAIVER = "For example: {rule: column-type, object: public.t.a, reason: WHY, owner: WHO, until: 2026-12-31}."


def _waiver(item: Node) -> Waiver:
    from datetime import date  # noqa: PLC0415 - few contracts have waivers

    found = mapping(item, "a waiver: {rule, object, reason, owner, until}")
    known_keys(found, ("rule", "object", "reason", "owner", "until"), "a waiver")
    fields = {str(key): value for key, value in found.items()}
    lacking = [f"“{word}”" for word in ("rule", "object", "reason", "until") if word not in fields]
    if lacking:
        raise NodeError(f"a waiver needs {' and '.join(lacking)}", found, _WAIVER)
    rule = find(text(fields["rule"], "a rule"))
    if rule is None:
        raise _unknown_rule(fields["rule"])
    try:
        until = date.fromisoformat(str(fields["until"]))
    except ValueError:
        said = described(fields["until"])
        raise NodeError(f"expected a date such as 2026-12-31, found {said}", fields["until"]) from None
    return Waiver(
        rule=rule,
        object=str(text(fields["object"], "an object")),
        reason=str(text(fields["reason"], "a reason")),
        owner=str(text(fields["owner"], "a name")) if "owner" in fields else "",
        until=until,
        location=where(found),
    )


def _unknown_rule(node: Node) -> NodeError:
    hint = nearest(str(node), RULES) or "List the rules with `sessionaudit rule`."
    return NodeError(f"unknown rule {described(node)}", node, hint)
