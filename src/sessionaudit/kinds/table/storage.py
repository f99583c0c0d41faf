"""How a table is stored: its storage parameters and its access method."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute
from sessionaudit.core.node import Mapping, Node, NodeError, Scalar, close, described, mapping, text
from sessionaudit.sql.text import quoted, unquote

if TYPE_CHECKING:
    from collections.abc import Sequence

PARAMETERS = Rule(
    "SA261",
    "storage-parameters",
    Severity.WARNING,
    "The storage parameters of a table differ from the contract.",
    "The table is vacuumed and analyzed at other times, or never, or its pages are filled differently: it may grow, "
    "and updates may cost more.",
    "The storage parameters of {object} are {actual}, expected {expected}: it is vacuumed, or its pages are filled, in "
    "another way.",
)
ACCESS_METHOD = Rule(
    "SA262",
    "access-method",
    Severity.WARNING,
    "The access method of a table differs from the contract.",
    "Its rows are stored in another way, so that reading and writing them costs something else.",
    "The access method of {object} is {actual}, expected {expected}: reading and writing its rows costs something "
    "else.",
)
KEYS = ("with", "access_method")

_VACUUM = """autovacuum_enabled autovacuum_vacuum_threshold autovacuum_vacuum_max_threshold
    autovacuum_vacuum_scale_factor autovacuum_vacuum_insert_threshold autovacuum_vacuum_insert_scale_factor
    autovacuum_vacuum_cost_delay autovacuum_vacuum_cost_limit autovacuum_freeze_min_age autovacuum_freeze_max_age
    autovacuum_freeze_table_age autovacuum_multixact_freeze_min_age autovacuum_multixact_freeze_max_age
    autovacuum_multixact_freeze_table_age log_autovacuum_min_duration vacuum_index_cleanup vacuum_truncate
    vacuum_max_eager_freeze_failure_rate""".split()
# Those for which ALTER TABLE takes no stronger lock than SHARE UPDATE EXCLUSIVE.
SHARED = frozenset(
    {*_VACUUM, *(f"toast.{name}" for name in _VACUUM), "fillfactor", "parallel_workers", "toast_tuple_target"}
    | {"autovacuum_analyze_threshold", "autovacuum_analyze_scale_factor"}
)
_KNOWN = SHARED | {"user_catalog_table"}
_NAME = re.compile(r"(?:[a-z_][a-z0-9_]*\.)?[a-z_][a-z0-9_]*\Z")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?\Z", re.ASCII)
_SWITCHES = {
    **dict.fromkeys(("true", "on", "yes", "1"), "true"),
    **dict.fromkeys(("false", "off", "no", "0"), "false"),
}
_SWITCHED = frozenset({"autovacuum_enabled", "vacuum_truncate", "vacuum_index_cleanup", "user_catalog_table"})


class Storage(Struct, frozen=True):
    """How a table is stored; None where the contract says nothing of it. `parameters` are sorted by name."""

    parameters: tuple[tuple[str, str], ...] | None = None
    access_method: str | None = None


UNSTATED = Storage()


def read(found: Mapping) -> Storage:
    """Read these keys of an entry of `tables:`. Raises NodeError."""
    fields: dict[str, Node] = {str(key): value for key, value in found.items()}
    said, method = fields.get("with"), fields.get("access_method")
    return Storage(
        parameters=None if said is None else _parameters(said),
        access_method=None if method is None else unquote(str(text(method, "an access method"))),
    )


def _parameters(node: Node) -> tuple[tuple[str, str], ...]:
    result: dict[str, str] = {}
    for key, value in mapping(node, "a mapping of storage parameters: {fillfactor: 70}").items():
        name = key.lower()
        if not _NAME.match(name):
            raise NodeError(f"expected the name of a storage parameter, found “{key}”", key)
        if name not in _KNOWN and (hint := close(name, _KNOWN)):
            raise NodeError(f"unknown storage parameter “{key}”", key, hint)
        if not isinstance(value, Scalar) or not value:
            raise NodeError(f"expected the value of a storage parameter, found {described(value)}", value)
        result[name] = str(value)
    return tuple(sorted(result.items()))


def load(row: Sequence[Any]) -> Storage:
    """Make a Storage of the last columns of the catalog query."""
    names, method = row
    return Storage(
        parameters=None if names is None else tuple(sorted(zip(names[::2], names[1::2], strict=True))),
        access_method=method,
    )


def spell(storage: Storage) -> dict[str, Any]:
    """These keys of the contract."""
    found: dict[str, Any] = {}
    if storage.parameters is not None:
        found["with"] = dict(storage.parameters)
    if storage.access_method is not None:
        found["access_method"] = quoted(storage.access_method)
    return found


def meaning(name: str, value: str) -> str:
    """A parameter's value, the same for all spellings of one."""
    word = value.lower()
    if name.rpartition(".")[2] in _SWITCHED:
        return _SWITCHES.get(word, word)
    return repr(float(word)) if _NUMBER.match(word) else word


def _same(expected: Any, actual: Any) -> bool:
    said, found = expected.storage.parameters, actual.storage.parameters
    if said is None or found is None:
        return not said
    return {name: meaning(name, value) for name, value in said} == {name: meaning(name, value) for name, value in found}


def _show(table: Any) -> str | None:
    found = table.storage.parameters
    return None if found is None else f"({', '.join(f'{name} = {value}' for name, value in found)})"


ATTRIBUTES: tuple[Attribute[Any], ...] = (
    Attribute(facet="with", rule=PARAMETERS, fields=("storage",), show=_show, same=_same, verbatim=True),
    Attribute(
        facet="access_method",
        rule=ACCESS_METHOD,
        fields=("storage",),
        show=lambda table: table.storage.access_method,
        same=lambda expected, actual: expected.storage.access_method in {None, actual.storage.access_method},
        verbatim=True,
    ),
)

SCHEMA: dict[str, Any] = {
    "with": {
        "type": "object",
        "additionalProperties": {"type": ["string", "number", "boolean"]},
        "description": "All storage parameters: {fillfactor: 70, toast.autovacuum_enabled: false}.",
    },
    "access_method": {"type": "string", "description": "The access method of the table, such as heap."},
}
