"""Describe steps that are held back, and findings without a step, with the reasons."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from sessionaudit.core.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessionaudit.core.finding import Finding
    from sessionaudit.core.step import Hazard, Step

LETTING = "To let it run:"
ANYWAY = "To change it anyway"


class Reason(Struct, frozen=True):
    """Why a step does not run; `help` is what a person can do about it.

    `told` is the reason without values of rows, for a file that others read. `again` says that the reason may be gone
    when the other steps have run, which another plan shows. `allow` are the hazards that must be allowed to let it run.
    `by_data` says that a data repair lets it run; if both are empty, no option does.
    """

    reason: str
    help: str = ""
    told: str = ""
    again: bool = False
    allow: tuple[Hazard, ...] = ()
    by_data: bool = False

    def of(self, step: Step) -> Held:
        """Return the step, held back for this reason."""
        return Held(**{name: getattr(self, name) for name in self.__struct_fields__}, step=step)


class Held(Reason, frozen=True, kw_only=True):
    """A step that does not run, and why; `follows` says that the only reason is another held-back step."""

    step: Step
    follows: bool = False

    @property
    def advice(self) -> str:
        """The help to print: that of the other step is printed with the other step."""
        return "See that step." if self.follows and self.help else self.help


class UncuredCounts(NamedTuple):
    """How many findings have no cure, how many are left as they are unless named, and how many are notes."""

    uncured: int
    unchanged: int
    notes: int


class Uncured(NamedTuple):
    """A finding without a step, and what a person can do about it.

    With `unasked` there is a step, but only if an option names the finding: `why` is the help without that option, and
    `command` shows the step. `again` says that there may be one when the other steps have run, as another plan shows.
    """

    finding: Finding
    help: str
    unasked: bool = False
    again: bool = False
    why: str = ""
    command: str = ""


def uncured_counts(several: Iterable[Uncured]) -> UncuredCounts:
    """Count findings that no step of a plan repairs, each once."""
    kinds = Counter(
        "notes" if one.finding.severity is Severity.NOTE else "unchanged" if one.unasked else "uncured"
        for one in several
    )
    return UncuredCounts(**{name: kinds[name] for name in UncuredCounts._fields})
