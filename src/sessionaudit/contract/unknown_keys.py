"""Report keys for objects that contracts cannot declare yet as unsupported, not as typing errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.node import Mapping, NodeError, brief, known_keys

if TYPE_CHECKING:
    from collections.abc import Collection

    from sessionaudit.core.node import Scalar

# Top-level sections, and keys of a table: PostgreSQL's words, in the plural and the singular.
_TOP = frozenset(
    "aggregates casts code collations composite_types composites conversions databases default_privileges domains"
    " event_triggers foreign_data_wrappers foreign_servers foreign_tables languages materialized_views migrations"
    " operators partitions privileges procedures ranges roles routines schemas sequences servers settings statistics"
    " subscriptions tablespaces text_search types user_mappings users views".split()
)
_OF_TABLE = frozenset(
    "access_method comment exclusions exclude inherits options owner partition partition_by partition_of partitions"
    " persistence replica_identity rules sequences statistics storage tablespace toast unlogged".split()
)
_LEAVE = "Remove it from the contract. The README lists what is not audited."


def require_known(key: Scalar, known: Collection[str], where: str) -> None:
    """Refuse a key that is not among the `known`; say so if it is one that is not supported yet.

    Raises NodeError.
    """
    if key not in known and str(key).lower().replace(" ", "_") in (_TOP if where == "a contract" else _OF_TABLE):
        raise NodeError(
            f"“{brief(key)}” is not supported yet in {where}",
            key,
            hint=f"Did you mean “{one}”?" if (one := key.removesuffix("s")) in known else _LEAVE,
        )
    known_keys(Mapping({key: key}), sorted(known), where)
