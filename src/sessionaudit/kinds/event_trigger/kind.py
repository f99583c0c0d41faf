"""Event triggers: their rules, and what the kind declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessionaudit.core.entries import by_name
from sessionaudit.core.finding import Rule, Severity
from sessionaudit.core.kind import Attribute, Kind, beside
from sessionaudit.kinds.event_trigger.model import STATES, EventTrigger, load, read, show, show_whole, spell

if TYPE_CHECKING:
    from sessionaudit.core.ref import ObjectRef

_UNDONE = "what it should do when the schema changes is not done"
MISSING = Rule(
    "SA641",
    "missing-event-trigger",
    Severity.ERROR,
    "An event trigger of the contract does not exist.",
    "When the schema changes, what it should do is not done, without an error: for example, PostgREST is not told "
    "to reload its schema cache.",
    f"The event trigger {{name}} does not exist: {_UNDONE}.",
)
FORBIDDEN = Rule(
    "SA643",
    "forbidden-event-trigger",
    Severity.WARNING,
    "An event trigger that the contract declares absent exists.",
    "It was meant to be removed; unless it is disabled, it still fires, and may refuse commands.",
    "The event trigger {name} exists, and the contract declares it absent: unless it is disabled, it still fires.",
)
DEFINITION = Rule(
    "SA644",
    "event-trigger-definition",
    Severity.ERROR,
    "The event, the commands or the function of an event trigger differ from the contract.",
    "It fires for other commands, or does something else, without an error.",
    "The event trigger {name} differs from the contract: it fires for other commands, or does something else.",
)
DISABLED = Rule(
    "SA645",
    "disabled-event-trigger",
    Severity.ERROR,
    "An event trigger is disabled, or enabled for another replication role than the contract states.",
    "It exists, but does not fire: when the schema changes, what it should do is not done, without an error.",
)


def state_message(ref: ObjectRef, expected: EventTrigger, actual: EventTrigger) -> str:
    """Say what does not happen."""
    if actual.enabled == "disabled":
        return f"The event trigger {ref.name} is disabled: {_UNDONE}."
    if expected.enabled == "disabled":
        return f"The event trigger {ref.name} fires, and should be disabled."
    return f"The event trigger {ref.name} is enabled for another replication role than expected."


KIND = Kind(
    name="event_trigger",
    section="event_triggers",
    classes=("event trigger",),
    identity=("name",),
    model=EventTrigger,
    query=beside(__file__),
    enumerate=beside(__file__, "all.sql"),
    entries=by_name,
    read=read,
    load=load,
    show=show_whole,
    spell=spell,
    missing=MISSING,
    forbidden=FORBIDDEN,
    borrowed=True,
    attributes=(
        Attribute(facet="definition", rule=DEFINITION, fields=("event", "tags", "function"), show=show),
        Attribute(
            facet="enabled",
            rule=DISABLED,
            fields=("enabled",),
            show=lambda trigger: trigger.enabled,
            message=state_message,
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
