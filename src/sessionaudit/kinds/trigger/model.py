"""Triggers."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec.structs import replace

from sessionaudit.core.compared import Compared
from sessionaudit.core.node import Mapping, Node, NodeError, flow, known_keys, one_of, text
from sessionaudit.core.ref import dotted
from sessionaudit.kinds.key.model import take_deferral
from sessionaudit.sql.fragment import Fragment
from sessionaudit.sql.text import enclosed, literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator


class Trigger(Compared, frozen=True, kw_only=True):
    """A trigger.

    `events` are sorted words such as `insert` and `update of a, b`; `call` is the function with its
    arguments; `enabled` is `enabled`, `replica`, `always` or `disabled`, and `others` are the partitions
    on which it is in another state, as SQL spells them. `inherited` is one that a partition has from its parent.
    """

    aside: ClassVar = frozenset({"inherited"})

    timing: str
    events: tuple[str, ...]
    level: str
    call: str
    when: str | None = None
    transition: str = ""
    deferral: str = ""
    constraint: bool = False
    enabled: str = "enabled"
    others: tuple[str, ...] = ()
    inherited: bool = False


# PostgreSQL's own, which a bare name means before any other of that name.
_BUILTIN = frozenset(
    {"suppress_redundant_updates_trigger", "tsvector_update_trigger", "tsvector_update_trigger_column"}
)
STATES = ("enabled", "replica", "always", "disabled")


@lru_cache(maxsize=8192)
def parse(definition: str, schema: str) -> Trigger:
    """Read what follows the name in CREATE TRIGGER; ON and the table may stand there or not.

    Raises FragmentError.
    """
    fragment = Fragment(definition)
    constraint = fragment.accept("constraint")
    timing = fragment.one_of("before", "after", "instead of")
    events = [_event(fragment)]
    while fragment.accept("or"):
        events.append(_event(fragment))
    if fragment.accept("on"):
        fragment.qualified(schema, "a table")
    if fragment.accept("from"):
        fragment.qualified(schema, "a table")
    deferral = take_deferral(fragment)
    transition = ""
    if fragment.accept("referencing"):
        transition = _transition(fragment)
    level = "statement"
    if fragment.accept("for"):
        fragment.accept("each")
        level = fragment.one_of("row", "statement")
    when = fragment.parenthesised() if fragment.accept("when") else None
    fragment.expect("execute")
    fragment.one_of("function", "procedure")
    owner, function = fragment.qualified("", "a function")
    owner = owner or ("pg_catalog" if function in _BUILTIN else schema)
    arguments = fragment.parenthesised()
    fragment.end()
    return Trigger(
        timing=timing,
        events=tuple(sorted(events)),
        level=level,
        call=f"{dotted((owner, function))}({', '.join(_arguments(arguments))})",
        when=when,
        transition=transition,
        deferral=deferral,
        constraint=constraint or bool(deferral),
    )


def _transition(fragment: Fragment) -> str:
    """Take the transition tables, in one order and with the word that may be left out."""
    tables: list[str] = []
    while fragment.peek("old") or fragment.peek("new") or not tables:
        sort = fragment.one_of("old table", "new table")
        fragment.accept("as")
        tables.append(f"{sort} as {quoted(fragment.name('a transition table'))}")
    return " ".join(sorted(tables))


def _event(fragment: Fragment) -> str:
    event = fragment.one_of("insert", "update", "delete", "truncate")
    if event == "update" and fragment.accept("of"):
        columns = [fragment.name("a column")]
        while fragment.accept(","):
            columns.append(fragment.name("a column"))
        event += f" of {', '.join(quoted(column) for column in sorted(columns))}"
    return event


def _arguments(text: str) -> Iterator[str]:
    """The arguments, all of which are strings to PostgreSQL, whether they are written as such or not."""
    fragment = Fragment(text)
    while not fragment.done:
        yield literal(fragment.word("a literal"))
        if not fragment.done:
            fragment.expect(",")


def read(node: Node, schema: str) -> Trigger:
    """Read an entry of `triggers:`: a definition, or one with a state other than enabled."""
    if not isinstance(node, Mapping):
        return parse(text(node, "a trigger, such as: before update for each row execute function f()"), schema)
    known_keys(node, ("definition", "enabled"), "a trigger")
    fields = {str(key): value for key, value in node.items()}
    if "definition" not in fields:
        raise NodeError("a trigger needs a definition", node)
    trigger = parse(text(fields["definition"], "a trigger's definition"), schema)
    state = fields.get("enabled")
    if state is None:
        return trigger
    return _with_state(trigger, one_of(state, STATES))


@lru_cache(maxsize=1024)
def _with_state(trigger: Trigger, state: str, others: tuple[str, ...] = ()) -> Trigger:
    return replace(trigger, enabled=state, others=others)


def load(row: tuple[Any, ...], schema: str) -> Trigger:
    """Make a Trigger of a row of the catalog query."""
    definition, enabled, others, inherited = row
    trigger = parse(definition, schema)
    if enabled != "enabled" or others:
        trigger = _with_state(trigger, enabled, tuple(others))
    return replace(trigger, inherited=True) if inherited else trigger


def show(trigger: Trigger) -> str:
    """The trigger as the contract writes it."""
    parts = ["constraint"] if trigger.constraint else []
    return " ".join((*parts, trigger.timing, " or ".join(trigger.events), *_options(trigger)))


def spell(trigger: Trigger) -> str | dict[str, str]:
    """The trigger as the contract writes it: a mapping where it is in another state than enabled."""
    text = show(trigger)
    return text if trigger.enabled == "enabled" else {"definition": text, "enabled": trigger.enabled}


def show_whole(trigger: Trigger) -> str:
    """The trigger as the contract writes it, with a state other than enabled."""
    said = show(trigger)
    return said if trigger.enabled == "enabled" else flow({"definition": said, "enabled": trigger.enabled})


def _options(trigger: Trigger) -> Iterator[str]:
    """What follows the table's name in CREATE TRIGGER."""
    if trigger.deferral:
        yield trigger.deferral
    if trigger.transition:
        yield f"referencing {trigger.transition}"
    yield f"for each {trigger.level}"
    if trigger.when is not None:
        yield f"when {enclosed(trigger.when)}"
    yield f"execute function {trigger.call}"


def show_state(trigger: Trigger) -> str:
    """Its state, and where it is in another."""
    return f"{trigger.enabled}, but not on {', '.join(trigger.others)}" if trigger.others else trigger.enabled


def create_on(trigger: Trigger, on: str, name: str) -> str:
    """The statement that puts the trigger on another table."""
    return " ".join(
        (
            "create constraint trigger" if trigger.constraint else "create trigger",
            f"{name} {trigger.timing} {' or '.join(trigger.events)} on {on}",
            *_options(trigger),
        )
    )
