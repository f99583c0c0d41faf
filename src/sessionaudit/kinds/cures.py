"""The cures of the kinds; each is loaded when something of its kind is to be fixed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sessionaudit.kinds import ORDER

if TYPE_CHECKING:
    from sessionaudit.core.cure import Cure


class _Cures(Mapping[str, "Cure[Any]"]):
    """The cures by the names of their kinds, in whose rooms they stand."""

    def __init__(self) -> None:
        self._loaded: dict[str, Cure[Any]] = {}

    def __getitem__(self, kind: str) -> Cure[Any]:
        if kind not in self._loaded:
            if kind not in ORDER:
                raise KeyError(kind)
            self._loaded[kind] = import_module(f"sessionaudit.kinds.{kind}.cure").CURE
        return self._loaded[kind]

    def __contains__(self, kind: object) -> bool:
        return kind in ORDER

    def __iter__(self) -> Iterator[str]:
        return iter(ORDER)

    def __len__(self) -> int:
        return len(ORDER)


CURES: Mapping[str, Cure[Any]] = _Cures()
