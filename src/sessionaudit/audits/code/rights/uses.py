"""Judge what a statement uses besides its relations: the sequences and functions of defaults, checks and policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.audits.code import rules
from sessionaudit.core import sqlstate
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessionaudit.audits.code.compiling import Compiled
    from sessionaudit.audits.code.rights.needs import NeededRight
    from sessionaudit.audits.code.rights.reading import LackingUse, RoleRights

_WRITES = {"insert", "update"}
_FOR = {
    "default": "the default of {}",
    "generated": "the expression of {}",
    "check": "the check {}",
    "policy": "the policy {}",
}


def judge_uses(one: Compiled, role: str, need: NeededRight, own: RoleRights, lacking: Sequence[LackingUse]) -> None:
    """Add what a role may not use of what a command needs; `lacking` is all of that about the relation."""
    told: set[tuple[str, ...]] = set()
    for use in _used(one, need, own, lacking):
        if use.path in told:
            continue
        told.add(use.path)
        name = dotted(use.path)
        what, privilege = f"sequence {name}", "usage"
        if use.kind == "function":
            what, privilege = f"function {name}({use.arguments})", "execute"
        ref = ObjectRef(use.kind, use.path if use.kind == "sequence" else (*use.path, f"({use.arguments})"))
        whose = _FOR[use.sort].format(use.name)
        one.found(
            rules.MISSING_PRIVILEGE,
            need.at,
            f"the role {role} may not use the {what}, which {whose} of {'.'.join(need.relation.path)} needs",
            sqlstate.INSUFFICIENT_PRIVILEGE,
            ref=ref,
            expected=privilege,
            actual=f"{role} {name}",
            hint=f"grant {privilege} on {what} to {quoted(role)};",
            stands_on=(need.relation.ref, ref),
        )


def _used(one: Compiled, need: NeededRight, own: RoleRights, lacking: Sequence[LackingUse]) -> Iterator[LackingUse]:
    whole = bool(one.rows) and not any(row.open for row in one.rows)
    written = {name for row in one.rows for name in row.fields}
    policies = {policy.name for policy in own.policies if policy.about(need.privilege)} if own.bound else set[str]()
    for use in lacking:
        if (
            (use.sort == "policy" and use.name in policies)
            or (use.sort == "check" and need.privilege in _WRITES)
            or (use.sort == "generated" and need.privilege == "insert")
            or (use.sort == "default" and need.privilege == "insert" and whole and use.name not in written)
        ):
            yield use
