"""What shows of a trigger without a database: its columns, and the function that it executes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.lint import Flaw, Lint, NamedObject
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.kinds.common.named_columns import columns_of
from sessionaudit.kinds.lint_rules import NO_TRIGGER_FUNCTION
from sessionaudit.sql.fragment import Fragment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.lint import Models
    from sessionaudit.kinds.trigger.model import Trigger


def names(ref: ObjectRef, trigger: Trigger, _schema: str) -> Iterator[NamedObject]:
    """The columns of which it heeds an update, and its function, unless that is one of PostgreSQL's own."""
    for event in trigger.events:
        listed = Fragment(event)
        if listed.accept("update", "of"):
            columns = [listed.name()]
            while listed.accept(","):
                columns.append(listed.name())
            yield from columns_of(ref.path[:2], columns)
    path = function_of(trigger)
    if path[0] != "pg_catalog":
        yield NamedObject((ObjectRef("function", path),))


def flaws(ref: ObjectRef, trigger: Trigger, models: Models, _schema: str) -> Iterator[Flaw]:
    """A function that returns something else than trigger."""
    path = function_of(trigger)
    function = models["function"].get(path)
    returns = None if function is None else function.returns or function.implied
    if returns is not None and returns != "trigger":
        said = f"returns {returns}" if returns else "is a procedure"
        yield Flaw(
            NO_TRIGGER_FUNCTION,
            f"The trigger {ref.dotted} executes {dotted(path)}, which {said}: only a function that returns trigger "
            "can be executed by one.",
            facet="definition",
            expected="returns trigger",
            actual=said,
            words=(path[1],),
        )


def function_of(trigger: Trigger) -> ObjectPath:
    """The path of the function: one without arguments, whatever the trigger passes to it."""
    return (*Fragment(trigger.call).qualified(""), "()")


LINT = Lint(names=names, flaws=flaws)
