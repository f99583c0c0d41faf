"""Policies of row security."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from sessionaudit.core.entries import role, standing
from sessionaudit.core.node import Node, NodeError, Scalar, flow, known_keys, mapping, one_of, sequence, text
from sessionaudit.sql.fragment import whole
from sessionaudit.sql.text import enclosed, quoted


class Policy(Struct, frozen=True, kw_only=True):
    """A policy; `command` is all, select, insert, update or delete; `roles` are sorted."""

    command: str = "all"
    permissive: bool = True
    roles: tuple[str, ...] = ("public",)
    using: str | None = None
    check: str | None = None


COMMANDS = ("all", "select", "insert", "update", "delete")
MODES = ("permissive", "restrictive")
KEYS = ("as", "for", "to", "using", "check")


def read(node: Node, _schema: str) -> Policy:
    """Read an entry of `policies:`."""
    found = mapping(node, "a mapping with for, to, using and check")
    known_keys(found, KEYS, "a policy")
    fields = {str(key): value for key, value in found.items()}
    roles: tuple[str, ...] = ("public",)
    if (to := fields.get("to")) is not None:
        found_roles = [to] if isinstance(to, Scalar) else sequence(to, "a role or a list of roles")
        roles = tuple(role(text(one, "a role")) for one in found_roles)
    if not roles:
        raise NodeError("expected at least one role", found, hint="Omit `to` for every role.")
    if "public" in roles:
        roles = ("public",)  # as PostgreSQL does, which then ignores the others
    command = _word(fields.get("for"), COMMANDS)
    policy = Policy(
        command=command,
        permissive=_word(fields.get("as"), MODES) == "permissive",
        roles=tuple(sorted(set(roles))),
        using=_expression(fields.get("using")),
        check=_expression(fields.get("check")),
    )
    if command == "insert" and policy.using is not None:
        raise NodeError("a policy for insert has no using, only a check", fields["using"])
    if command in {"select", "delete"} and policy.check is not None:
        raise NodeError(f"a policy for {command} has no check, only a using", fields["check"])
    return policy


def _word(node: Node | None, words: tuple[str, ...]) -> str:
    if node is None:
        return words[0]
    return one_of(node, words)


def _expression(node: Node | None) -> str | None:
    if node is None:
        return None
    expression = text(node, "an expression")
    whole(expression)
    return str(expression)


def load(row: tuple[Any, ...], _schema: str) -> Policy:
    """Make a Policy of a row of the catalog query."""
    command, permissive, roles, using, check = row
    return Policy(command=command, permissive=permissive, roles=tuple(sorted(roles)), using=using, check=check)


def effective_check(policy: Policy) -> str | None:
    """What a written row is held against: where there is no check, USING stands in for it."""
    return policy.using if policy.check is None and policy.command in {"all", "update"} else policy.check


def show_roles(policy: Policy) -> str:
    """The roles as a list of the contract."""
    return flow(list(map(standing, policy.roles)))


def spell(policy: Policy) -> dict[str, str | list[str]]:
    """The policy as a mapping of the contract."""
    said: dict[str, str | list[str]] = {} if policy.permissive else {"as": "restrictive"}
    said |= {"for": policy.command, "to": list(map(standing, policy.roles))}
    if policy.using is not None:
        said["using"] = policy.using
    if policy.check is not None:
        said["check"] = policy.check
    return said


def clauses(policy: Policy) -> str:
    """The policy in the words of CREATE POLICY."""
    parts = [] if policy.permissive else ["as restrictive"]
    parts += [f"for {policy.command}", f"to {', '.join(quoted(role) for role in policy.roles)}"]
    if policy.using is not None:
        parts.append(f"using {enclosed(policy.using)}")
    if policy.check is not None:
        parts.append(f"with check {enclosed(policy.check)}")
    return " ".join(parts)
