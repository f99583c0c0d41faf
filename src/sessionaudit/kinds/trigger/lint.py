"""What shows of a trigger without a database: its columns, its function, and whether its relation can have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.lint import Flaw, Lint, NamedObject
from sessionaudit.core.ref import ObjectRef, dotted
from sessionaudit.kinds.common.named_columns import columns_of
from sessionaudit.kinds.lint_rules import CONTRADICTION, NO_TRIGGER_FUNCTION
from sessionaudit.sql.fragment import Fragment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.lint import Models
    from sessionaudit.kinds.trigger.model import Trigger

_OF_TABLES = ("key", "foreign_key", "check", "exclusion", "index", "policy")


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
    """A function that returns something else than trigger, and a trigger that such a relation cannot have."""
    yield from _unfit(ref, trigger, models)
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


def _unfit(ref: ObjectRef, trigger: Trigger, models: Models) -> Iterator[Flaw]:
    path, rows = ref.path[:2], trigger.level == "row"
    table = models["table"].get(path)
    kind = "view" if table is None else table.kind or "table"
    part = _part_of_a_table(path, models)
    if trigger.timing == "instead of" and (part or kind != "view"):
        why = f"the {part} is stated" if kind == "view" else f"that is a {kind}"
        said = f"is INSTEAD OF, which only a view can have, and {why}"
    elif part and kind == "view":  # of which an INSTEAD OF trigger is told
        return
    elif kind == "view" and trigger.timing != "instead of" and rows:
        said = f"is {trigger.timing.upper()} and FOR EACH ROW, and a view can have such triggers only INSTEAD OF"
    elif kind == "view" and "truncate" in trigger.events:
        said = "is for TRUNCATE, and a view cannot be truncated"
    elif kind == "materialized view":
        said = "cannot be: a materialized view has no triggers"
    else:
        return
    yield Flaw(
        CONTRADICTION,
        f"The trigger {ref.name} of {ref.parent} {said}.",
        facet="definition",
        words=(trigger.timing.split()[0],),
    )


def _part_of_a_table(path: ObjectPath, models: Models) -> ObjectRef | None:
    """Return a part that the contract states of a relation and no view can have."""
    for kind in _OF_TABLES:
        for one, model in models[kind].items():
            if one[:2] == path and model is not None:
                return ObjectRef(kind, one)
    return None


def function_of(trigger: Trigger) -> ObjectPath:
    """The path of the function: one without arguments, whatever the trigger passes to it."""
    return (*Fragment(trigger.call).qualified(""), "()")


LINT = Lint(names=names, flaws=flaws)
