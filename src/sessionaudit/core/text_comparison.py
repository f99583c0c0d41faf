"""Define the question whether two texts that are compared by meaning, and its answer."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from sessionaudit.core.kind import Attribute, Form, Trial
    from sessionaudit.core.ref import ObjectRef


class Verdict(Enum):
    """The possible answers about two spellings."""

    SAME = "same"
    DIFFERENT = "different"
    UNKNOWN = "unknown"
    INVALID = "invalid"


class Answer(Struct, frozen=True):
    """A verdict; if it is not clear, also the reason and what would help.

    INVALID means that the server rejects the expected expression: `reason` is its message, `state` its SQLSTATE, and
    `offset` the character of the expression that it points at, or -1. `unknown` holds the parts of the name there, if
    the database has no object of that name. `printed` is the expected expression as the server prints it, if it did,
    and `whole` all that was read with it. `barred` says that the role lacks a right by which it could be found out.
    """

    verdict: Verdict
    reason: str = ""
    hint: str = ""
    state: str = ""
    printed: str | None = None
    offset: int = -1
    unknown: tuple[str, ...] = ()
    whole: str | None = None
    barred: bool = False


SAME = Answer(Verdict.SAME)


class Question(Struct, frozen=True):
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
