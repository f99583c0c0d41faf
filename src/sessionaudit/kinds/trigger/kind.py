"""Triggers: their rules, and what the kind declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.entries import by_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Form, Kind, Trial, beside
from sessionaudit.kinds.common.rules import forbidden, missing, unexpected
from sessionaudit.kinds.common.stand_ins import TABLE
from sessionaudit.kinds.trigger.model import (
    STATES,
    Trigger,
    create_on,
    load,
    parse,
    read,
    show,
    show_state,
    show_whole,
    spell,
)
from sessionaudit.sql.fragment import Fragment

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef


MISSING = missing("SA621", "trigger", "what it maintains is not updated, without an error")
UNEXPECTED = unexpected("SA622", "trigger", "it may change or reject rows that the application writes")
FORBIDDEN = forbidden("SA623", "trigger", "unless it is disabled, it still fires")
DEFINITION = Rule(
    "SA624",
    "trigger-definition",
    Severity.ERROR,
    "The definition of a trigger differs from the contract.",
    "What it maintains is not updated, or is changed when it should not be, without an error.",
    "The trigger {name} of {parent} differs from the contract: it fires at other times, or does something else.",
)
DISABLED = Rule(
    "SA625",
    "disabled-trigger",
    Severity.ERROR,
    "A trigger is disabled, or enabled for another replication role than the contract states.",
    "It exists, but does not fire: what it maintains is not updated, without an error.",
)


def same_definition(expected: Trigger, actual: Trigger) -> bool | None:
    """Whether both do the same at the same times; None where two WHEN differ in their spelling."""
    if any(
        getattr(expected, field) != getattr(actual, field)
        for field in ("timing", "events", "level", "call", "transition", "deferral", "constraint")
    ):
        return False
    if expected.when == actual.when:
        return True
    return False if expected.when is None or actual.when is None else None


def state_message(ref: ObjectRef, expected: Trigger, actual: Trigger) -> str:
    """Say what does not happen."""
    if actual.enabled == expected.enabled:
        return (
            f"The trigger {ref.name} of {ref.parent} is {actual.enabled}, but not on {', '.join(actual.others)}: "
            "whether it fires for rows of a partition depends on the partition's copy."
        )
    if actual.enabled == "disabled":
        return f"The trigger {ref.name} of {ref.parent} is disabled: what it maintains is not updated."
    if expected.enabled == "disabled":
        return f"The trigger {ref.name} of {ref.parent} fires, and should be disabled."
    return f"The trigger {ref.name} of {ref.parent} is enabled for another replication role than expected."


def _when(definition: str) -> str | None:
    return parse(_after_name(definition), "").when


def _after_name(definition: str) -> str:
    fragment = Fragment(definition)
    fragment.expect("create")
    fragment.accept("constraint")
    fragment.expect("trigger")
    fragment.name()
    return fragment.rest()


_READ = """
    select pg_catalog.pg_get_triggerdef(t.oid)
      from pg_catalog.pg_trigger t
     where t.tgrelid = %(on)s::pg_catalog.regclass and t.tgname = %(name)s"""

KIND = Kind(
    name="trigger",
    section="triggers",
    classes=("trigger",),
    within=("table", "view"),
    identity=("relation", "name"),
    model=Trigger,
    query=beside(__file__),
    entries=by_name,
    read=read,
    load=load,
    show=show_whole,
    spell=spell,
    missing=MISSING,
    forbidden=FORBIDDEN,
    unexpected=UNEXPECTED,
    inherited=lambda trigger: trigger.inherited,
    misnamed=True,
    by_triggers=True,
    ignored=frozenset({"inherited"}),
    shapes_writes=True,
    attributes=(
        Attribute(
            facet="definition",
            rule=DEFINITION,
            fields=("timing", "events", "level", "call", "when", "transition", "deferral", "constraint"),
            show=show,
            same=same_definition,
            form=Form(
                text=lambda trigger: trigger.when,
                wrap=lambda sql: f"select {sql}",
                trial=Trial(
                    setup=lambda trigger, on, name: (create_on(trigger, on, name),),
                    read=_READ,
                    pick=_when,
                    stand_in=TABLE,
                    rows=("new", "old"),
                ),
            ),
        ),
        Attribute(
            facet="enabled",
            rule=DISABLED,
            fields=("enabled", "others"),
            show=show_state,
            message=state_message,
            unstated=lambda trigger: bool(trigger.others),
        ),
    ),
    shape={
        "oneOf": [
            {"type": "string"},
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["definition"],
                "properties": {"definition": {"type": "string"}, "enabled": {"enum": list(STATES)}},
            },
        ]
    },
)
