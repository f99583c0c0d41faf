"""Tell which column of which table a column of a view is, as PostgREST does: by the target list of its query."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

Source = tuple[int, int]  # the oid of a relation, and the number of a column
_PARTS = re.compile(r"\\.|[{}()]|:targetList |:(resno|resorigtbl|resorigcol) (\d+)")
_OF_ENTRY = 4  # ( {QUERY :targetList ( {TARGETENTRY


def targets(action: str) -> dict[int, Source]:
    """Return, by the number of each column of a view, its source; `action` is pg_rewrite.ev_action as text."""
    found: dict[int, Source] = {}
    entry: dict[str, int] = {}
    depth, inside = 0, False
    for match in _PARTS.finditer(action):
        text = match[0]
        if text in "{(":
            depth += 1
        elif text in "})":
            if depth == _OF_ENTRY and inside and entry.get("resorigtbl"):
                found[entry["resno"]] = entry["resorigtbl"], entry["resorigcol"]
            if depth == _OF_ENTRY:
                entry = {}
            depth -= 1
            inside = inside and depth >= _OF_ENTRY - 1
        elif text.startswith(":targetList"):
            inside = inside or depth == _OF_ENTRY - 2
        elif match[1] and inside and depth == _OF_ENTRY:
            entry[match[1]] = int(match[2])
    return found


def base_columns(views: Mapping[int, Mapping[int, Source]]) -> dict[int, dict[Source, list[int]]]:
    """Return, for each view, the numbers of its columns by the column of a table or of another view that each is.

    A column that a view takes from another view is one of the other's table, too.
    """
    result: dict[int, dict[Source, list[int]]] = {}
    for view, columns in views.items():
        sources: dict[Source, list[int]] = {}
        for number, source in sorted(columns.items()):
            seen: set[Source] = set()
            at: Source | None = source
            while at is not None and at not in seen:
                seen.add(at)
                sources.setdefault(at, []).append(number)
                at = views.get(at[0], {}).get(at[1])
        result[view] = sources
    return result
