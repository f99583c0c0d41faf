"""Two texts that are compared by meaning: what is asked, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from sessionaudit.core.kind import Attribute, Form, Trial
    from sessionaudit.core.ref import ObjectRef


class Verdict(Enum):
    """What is known about two spellings."""

    SAME = "same"
    DIFFERENT = "different"
    UNKNOWN = "unknown"
    INVALID = "invalid"


class Answer(NamedTuple):
    """A verdict, and where it is not clear the reason and what would help.

    INVALID means that the server refuses the expected expression: `reason` is what it says, `state`
    its SQLSTATE, `offset` the character of the expression that it points at, or -1, and `unknown` the name
    that stands there, part by part, if the database has nothing of that name. `printed` is how the server
    prints the expected expression, where it did.
    """

    verdict: Verdict
    reason: str = ""
    hint: str = ""
    state: str = ""
    printed: str | None = None
    offset: int = -1
    unknown: tuple[str, ...] = ()


SAME = Answer(Verdict.SAME)


@dataclass(frozen=True, slots=True)
class Question:
    """Two models of one object whose `attribute` is spelled differently."""

    ref: ObjectRef
    attribute: Attribute[Any]
    expected: Any
    actual: Any

    @property
    def form(self) -> Form:
        """How the attribute's texts compare."""
        if self.attribute.form is None:
            raise AssertionError(self.attribute)
        return self.attribute.form

    @property
    def trial(self) -> Trial:
        """How the server is asked. Only for a form that has a trial."""
        if self.form.trial is None:
            raise AssertionError(self.attribute)
        return self.form.trial

    @property
    def texts(self) -> tuple[str, str]:
        """The expected and the actual text."""
        return self.form.text(self.expected) or "", self.form.text(self.actual) or ""
