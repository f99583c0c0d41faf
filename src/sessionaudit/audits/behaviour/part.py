"""Define a part of the behaviour audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sessionaudit.audits.audit import Context, Looked
    from sessionaudit.contract.model import Contract
    from sessionaudit.core.report import Outcome


class BehaviourPart(Struct, frozen=True):
    """A part, which reports an outcome of its own.

    `subjects` are what it examines, and `run` examines what the options ask for. `applies` tells whether a contract
    has something for it.
    """

    applies: Callable[[Contract], bool]
    subjects: Callable[[Context], Iterable[Looked]]
    run: Callable[[Context], Outcome]
