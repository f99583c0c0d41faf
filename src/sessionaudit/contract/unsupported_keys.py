"""Report keys for objects that contracts cannot declare yet as unsupported, not as typing errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.node import Mapping, NodeError, brief, known_keys

if TYPE_CHECKING:
    from collections.abc import Collection

    from sessionaudit.core.node import Scalar

# Top-level sections, and keys of a table: PostgreSQL's words, in the plural and the singular.
_TOP = frozenset(
    "casts conversions databases default_privileges foreign_data_wrappers languages"
    " operators partitions privileges procedures roles routines schemas settings subscriptions tablespaces text_search"
    " user_mappings users".split()
)
_OF_TABLE = frozenset("partition sequences storage tablespace toast unlogged".split())
# Keys of a table that people expect, by where the contract has them.
_ELSEWHERE = {
    "comment": "Write it at the top of the contract: “comments: {table NAME: TEXT}”.",
    "rules": "Rewrite rules stand under “rewrite_rules”: “NAME: on delete do instead nothing”.",
    "exclude": "Write it under “constraints”: “NAME: exclude using gist (a with =)”.",
    "exclusions": "Write it under “constraints”: “NAME: exclude using gist (a with =)”.",
}
_LEAVE = "Remove it from the contract. The README lists what is not audited."


def require_known(key: Scalar, known: Collection[str], where: str) -> None:
    """Refuse a key that is not among the `known`; say so if it is one that is not supported yet.

    Raises NodeError.
    """
    if key not in known and where != "a contract" and (hint := _ELSEWHERE.get(str(key).lower())):
        raise NodeError(f"unknown key “{brief(key)}” in {where}", key, hint=hint)
    if key not in known and str(key).lower().replace(" ", "_") in (_TOP if where == "a contract" else _OF_TABLE):
        raise NodeError(
            f"“{brief(key)}” is not supported yet in {where}",
            key,
            hint=f"Did you mean “{one}”?" if (one := key.removesuffix("s")) in known else _LEAVE,
        )
    known_keys(Mapping({key: key}), sorted(known), where)
