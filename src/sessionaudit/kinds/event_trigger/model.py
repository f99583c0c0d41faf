"""Event triggers."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.core.node import Mapping, Node, NodeError, flow, known_keys, one_of, text
from sessionaudit.core.ref import dotted
from sessionaudit.sql.fragment import Fragment
from sessionaudit.sql.text import literal

if TYPE_CHECKING:
    from collections.abc import Iterator


class EventTrigger(Struct, frozen=True, kw_only=True):
    """An event trigger.

    `tags` are the commands for which it fires, sorted and in capitals, none if it does for all; `function` is the path
    of what it calls; `enabled` is `enabled`, `replica`, `always` or `disabled`.
    """

    event: str
    tags: tuple[str, ...] = ()
    function: tuple[str, str]
    enabled: str = "enabled"


STATES = ("enabled", "replica", "always", "disabled")
_EVENTS = ("ddl_command_start", "ddl_command_end", "sql_drop", "table_rewrite", "login")
_WHAT = "an event trigger, such as: on ddl_command_end execute function f()"


@lru_cache(maxsize=256)
def parse(definition: str, schema: str) -> EventTrigger:
    """Read what follows the name in CREATE EVENT TRIGGER. Raises FragmentError."""
    fragment = Fragment(definition)
    fragment.expect("on")
    event = fragment.one_of(*_EVENTS)
    tags = tuple(_tags(fragment)) if fragment.accept("when") else ()
    fragment.expect("execute")
    fragment.one_of("function", "procedure")
    function = fragment.qualified(schema, "a function")
    fragment.expect("(")
    fragment.expect(")")
    fragment.end()
    return EventTrigger(event=event, tags=tuple(sorted(set(tags))), function=function)


def _tags(fragment: Fragment) -> Iterator[str]:
    fragment.expect("tag")
    fragment.expect("in")
    fragment.expect("(")
    yield fragment.word("a command in quotes").upper()
    while fragment.accept(","):
        yield fragment.word("a command in quotes").upper()
    fragment.expect(")")


def read(node: Node, schema: str) -> EventTrigger:
    """Read an entry of `event_triggers:`: a definition, or one with a state other than enabled."""
    if not isinstance(node, Mapping):
        return parse(text(node, _WHAT), schema)
    known_keys(node, ("definition", "enabled"), "an event trigger")
    fields = {str(key): value for key, value in node.items()}
    if "definition" not in fields:
        raise NodeError("an event trigger needs a definition", node)
    trigger = parse(text(fields["definition"], "an event trigger's definition"), schema)
    state = fields.get("enabled")
    return trigger if state is None else replace(trigger, enabled=one_of(state, STATES))


def load(row: tuple[Any, ...], _schema: str) -> EventTrigger:
    """Make an EventTrigger of a row of the catalog query."""
    event, tags, schema, function, enabled = row
    return EventTrigger(
        event=event, tags=tuple(sorted(tag.upper() for tag in tags)), function=(schema, function), enabled=enabled
    )


def show(trigger: EventTrigger) -> str:
    """The trigger without its state, as the contract writes it."""
    tags = f" when tag in ({', '.join(map(literal, trigger.tags))})" if trigger.tags else ""
    return f"on {trigger.event}{tags} execute function {dotted(trigger.function)}()"


def spell(trigger: EventTrigger) -> str | dict[str, str]:
    """The trigger as the contract writes it: a mapping if it is in another state than enabled."""
    said = show(trigger)
    return said if trigger.enabled == "enabled" else {"definition": said, "enabled": trigger.enabled}


def show_whole(trigger: EventTrigger) -> str:
    """The trigger as the contract writes it, with a state other than enabled."""
    said = show(trigger)
    return said if trigger.enabled == "enabled" else flow({"definition": said, "enabled": trigger.enabled})
