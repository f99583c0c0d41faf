"""Put together what the files of a contract say: each key stands in one of them only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.node import Mapping, Node, NodeError, Sequence, brief, described, standing_at
from sessionaudit.core.place import already

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Mapping as MappingOf

    from sessionaudit.contract.problems import Problems


def settings(
    roots: tuple[Mapping, ...], shared: Iterable[str], single: Iterable[str], problems: Problems
) -> MappingOf[str, Node]:
    """Return the settings of all files by their names; the errors in them are added to `problems`.

    Several files may have those that are `shared`, which are put together, and one those that are `single`.
    """
    if len(roots) == 1:
        return {str(key): value for key, value in roots[0].items()}
    found: dict[str, Node] = {}
    for name in (*shared, *single):
        stated = [(key, value) for root in roots for key, value in root.items() if key == name]
        if stated:
            found[name] = stated[0][1]
        for key, value in stated[1:]:
            with problems.of(key):
                if name in single:
                    raise NodeError(f"“{name}” stands in two files", key, already(stated[0][0], key))
                found[name] = _both(found[name], value)
    return found


def _both(first: Node, second: Node) -> Node:
    if isinstance(first, Sequence) and isinstance(second, Sequence):
        return standing_at(Sequence([*first, *second]), first)
    if not isinstance(first, Mapping) or not isinstance(second, Mapping):
        said = f"expected {described(first)}, as in another file; found {described(second)}"
        raise NodeError(said, second, already(first, second))
    require_once((first, second))
    return standing_at(Mapping({**first, **second}), first)


def require_once(nodes: Iterable[Node]) -> None:
    """Refuse a key that stands in two of the mappings of one section. Raises NodeError."""
    known: dict[str, Node] = {}
    for node in nodes:
        if not isinstance(node, Mapping):
            continue
        for key in node:
            if key in known:
                raise NodeError(f"“{brief(key)}” stands in two files", key, already(known[key], key))
        known.update({str(key): key for key in node})
