"""Steps that are held back, and findings without a step, with the reasons."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sessionaudit.core.finding import Finding
    from sessionaudit.core.step import Hazard, Step

LETTING = "To let it run:"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a step does not run; `help` is what a person can do about it.

    `told` is the reason without any row's values, for a file that others read. `again` tells that it may be gone when
    the other steps have run, which another plan shows. `allow` are the hazards that, once allowed, let it run, and
    `by_data` tells that a data repair would; without either nothing of a call does.
    """

    reason: str
    help: str = ""
    told: str = ""
    again: bool = False
    allow: tuple[Hazard, ...] = ()
    by_data: bool = False

    def of(self, step: Step) -> Held:
        """The step, held back for this reason."""
        return Held(**{one.name: getattr(self, one.name) for one in fields(self)}, step=step)


@dataclass(frozen=True, slots=True)
class Held(Reason):
    """A step that does not run, and why."""

    step: Step = field(kw_only=True)


class Uncured(NamedTuple):
    """A finding without a step, and what a person can do about it.

    With `unasked` there is a step, and it is made only where the call names the finding.
    """

    finding: Finding
    help: str
    unasked: bool = False
