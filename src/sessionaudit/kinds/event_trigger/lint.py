"""What shows of an event trigger without a database: the function that it executes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.lint import Flaw, Lint, NamedObject
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.kinds.lint_rules import NO_TRIGGER_FUNCTION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.lint import Models
    from sessionaudit.kinds.event_trigger.model import EventTrigger


def names(_ref: ObjectRef, trigger: EventTrigger, _schema: str) -> Iterator[NamedObject]:
    """Its function."""
    yield NamedObject((ObjectRef("function", (*trigger.function, "()")),))


def flaws(ref: ObjectRef, trigger: EventTrigger, models: Models, _schema: str) -> Iterator[Flaw]:
    """A function that returns something else than event_trigger."""
    path = (*trigger.function, "()")
    function = models["function"].get(path)
    returns = None if function is None else function.returns or function.implied
    if returns is not None and returns != "event_trigger":
        yield Flaw(
            NO_TRIGGER_FUNCTION,
            f"The event trigger {ref.dotted} executes {dotted(path)}, which does not return event_trigger.",
            expected="returns event_trigger",
            actual=f"returns {returns}" if returns else "a procedure",
            words=(path[1],),
        )


LINT = Lint(names=names, flaws=flaws)
