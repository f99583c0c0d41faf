"""Put together what the files of a contract say: each key stands in one of them only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.node import Mapping, Node, NodeError, Scalar, Sequence, brief, described, standing_at
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
    stated: dict[str, list[tuple[Scalar, Node]]] = {}
    for root in roots:
        for key, value in root.items():
            stated.setdefault(str(key), []).append((key, value))
    found: dict[str, Node] = {}
    for name in (*shared, *single):
        if name not in stated:
            continue
        (first, found[name]), *others = stated[name]
        if name in shared:
            found[name] = _together([value for _, value in stated[name]], problems)
            continue
        for key, _ in others:
            problems.add(NodeError(f"“{name}” stands in two files", key, already(first, key)), key)
    return found


def _together(parts: list[Node], problems: Problems) -> Node:
    """All parts as one list or mapping, which the first of them is; of a key in two of them, the first."""
    first = parts[0]
    for part in parts[1:]:
        if isinstance(first, Scalar) or type(part) is not type(first):
            said = f"expected {described(first)}, as in another file; found {described(part)}"
            problems.add(NodeError(said, part, already(first, part)), part)
    if isinstance(first, Scalar):
        return first
    if isinstance(first, Sequence):
        return standing_at(Sequence(item for part in parts if isinstance(part, Sequence) for item in part), first)
    require_once(parts, problems)
    made = Mapping()
    for part in parts:
        for key, value in part.items() if isinstance(part, Mapping) else ():
            made.setdefault(key, value)
    return standing_at(made, first)


def require_once(nodes: Iterable[Node], problems: Problems) -> None:
    """Add an error to `problems` for each key that stands in an earlier one of the mappings of a section."""
    known: dict[str, Node] = {}
    for node in nodes:
        for key in node if isinstance(node, Mapping) else ():
            first = known.setdefault(key, key)
            if first is not key:
                problems.add(NodeError(f"“{brief(key)}” stands in two files", key, already(first, key)), key)
