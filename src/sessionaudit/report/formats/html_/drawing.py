"""Draw the tables that have findings, and the foreign keys between them.

graphlay places them: it is deterministic, draws circles and tables that refer to themselves, and routes lines around
boxes. It is not a dependency of all, as there are systems without a build of it.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

from sessionaudit.core.report import ReferenceState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sessionaudit.core.report import ObjectReference

_LIBRARY = "graphlay"
MOST_DRAWN, MOST_LINES = 60, 120  # tables and foreign keys: more take seconds, and nobody can follow them
_CHARACTER, _LINE, _PAD, _HEIGHT, _MARGIN = 8, 16, 28, 52, 24
_LONGEST = 36  # characters of a name; the list has the whole
_PLAIN = ("no finding", "")


class DrawnBox(NamedTuple):
    """A table: its place in the middle of the box, its name, what is said of it, and its worst severity."""

    x: float
    y: float
    width: float
    height: float
    name: str
    shown: str
    note: str
    tone: str


class DrawnLine(NamedTuple):
    """A foreign key as the path of an SVG, and where it is said what is wrong with it, None where nothing is."""

    path: str
    name: str
    state: str
    label: tuple[float, float] | None


class Drawing(NamedTuple):
    """Boxes and lines, and the corner and the size of all. `left_out` are the tables and the foreign keys that are not
    drawn, as there are too many.
    """

    x: float
    y: float
    width: float
    height: float
    boxes: tuple[DrawnBox, ...]
    lines: tuple[DrawnLine, ...]
    left_out: tuple[int, int]


def can_draw() -> bool:
    """Whether the library is installed."""
    return find_spec(_LIBRARY) is not None


def drawn(notes: Mapping[str, tuple[str, str]], references: Sequence[ObjectReference]) -> Drawing:
    """Place tables: each with what is said of it, and its worst severity. Those that refer to each other come first."""
    import graphlay  # noqa: PLC0415 - not all systems have it

    wrong_first = sorted(references, key=lambda one: one.state is ReferenceState.RIGHT)
    names = [*dict.fromkeys((*(end for one in wrong_first for end in (one.source, one.target)), *notes))]
    kept = {name: f"t{place}" for place, name in enumerate(names[:MOST_DRAWN])}
    between = [one for one in wrong_first if one.source in kept and one.target in kept][:MOST_LINES]
    told = {name: notes.get(name, _PLAIN) for name in kept}
    widths = {name: max(len(_short(name)), len(told[name][0])) * _CHARACTER + _PAD for name in kept}
    graph = graphlay.Graph()
    for name, key in kept.items():
        graph.node(key, width=widths[name], height=_HEIGHT)
    for one in between:
        label: dict[str, Any] = {} if one.state is ReferenceState.RIGHT else {"label_size": _label_size(one)}
        graph.edge(kept[one.source], kept[one.target], **label)
    layout = graphlay.layout(graph)
    places = layout.positions()
    boxes = tuple(
        DrawnBox(*places[key], widths[name], _HEIGHT, name, _short(name), *told[name]) for name, key in kept.items()
    )
    lines = tuple(
        DrawnLine(_path(edge["points"]), one.name, str(one.state), _label_place(one, edge["label_anchor"]))
        for one, edge in zip(between, layout.edges, strict=True)
    )
    points = [(point["x"], point["y"]) for edge in layout.edges for point in edge["points"]]
    points += [(box.x + side * box.width / 2, box.y + side * box.height / 2) for box in boxes for side in (-1, 1)]
    left, top = (min(point[place] for point in points) - _MARGIN for place in (0, 1))
    right, bottom = (max(point[place] for point in points) + _MARGIN for place in (0, 1))
    left_out = (len(names) - len(kept), len(references) - len(between))
    return Drawing(left, top, right - left, bottom - top, boxes, lines, left_out)


def _label_size(one: ObjectReference) -> dict[str, float]:
    return {"width": len(one.state) * _CHARACTER, "height": _LINE}


def _label_place(one: ObjectReference, place: Mapping[str, float] | None) -> tuple[float, float] | None:
    return None if place is None or one.state is ReferenceState.RIGHT else (place["x"], place["y"])


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def _path(points: Sequence[Mapping[str, float]]) -> str:
    return " ".join(f"{'L' if place else 'M'}{point['x']:g} {point['y']:g}" for place, point in enumerate(points))
