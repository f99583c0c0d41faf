"""Rewrite rules."""

from __future__ import annotations

from copy import copy
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from sessionaudit.core.node import Mapping, Node, NodeError, flow, known_keys, one_of, text
from sessionaudit.sql.fragment import Fragment
from sessionaudit.sql.text import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator


class RewriteRule(Struct, frozen=True, kw_only=True):
    """A rewrite rule.

    `event` is insert, update or delete, `body` what follows the relation in CREATE RULE: `where … do instead (…)`;
    `enabled` is `enabled`, `replica`, `always` or `disabled`.
    """

    event: str
    body: str
    enabled: str = "enabled"


class Body(Struct, frozen=True):
    """A body in its parts: the condition, "" for none; whether it does INSTEAD; its actions, none for NOTHING."""

    condition: str
    instead: bool
    actions: tuple[str, ...]


STATES = ("enabled", "replica", "always", "disabled")
_WHAT = "a rewrite rule, such as: on delete do instead nothing"


@lru_cache(maxsize=1024)
def parse(definition: str) -> RewriteRule:
    """Read what follows AS in CREATE RULE; TO and the relation may stand there or not. Raises FragmentError."""
    fragment = Fragment(definition, several=True)
    fragment.expect("on")
    if fragment.peek("select"):
        raise fragment.error("“insert” or “update” or “delete”", "A rule on select is a view: declare that.")
    event = fragment.one_of("insert", "update", "delete")
    if fragment.accept("to"):
        fragment.qualified("", "a relation")
    _body(copy(fragment))
    return RewriteRule(event=event, body=fragment.until().rstrip("; \n\t"))


@lru_cache(maxsize=1024)
def divided(body: str) -> Body:
    """Divide a body. Raises FragmentError."""
    return _body(Fragment(body, several=True))


def _body(fragment: Fragment) -> Body:
    condition = fragment.until(("do",), (";",), what="a condition") if fragment.accept("where") else ""
    if not fragment.peek("do"):
        raise fragment.error("“do”" if condition else "“where” or “do”")
    fragment.expect("do")
    instead = fragment.accept("instead")
    if not instead:
        fragment.accept("also")
    if fragment.accept("nothing"):
        actions: tuple[str, ...] = ()
    elif fragment.peek("("):
        actions = tuple(_actions(Fragment(fragment.parenthesised(), several=True)))
    else:
        actions = (fragment.until((";",), what="a statement, or “nothing”"),)
    fragment.accept(";")
    fragment.end()
    return Body(condition, instead, actions)


def _actions(fragment: Fragment) -> Iterator[str]:
    while not fragment.done:
        if not fragment.accept(";"):
            yield fragment.until((";",), what="a statement")


def read(node: Node, _schema: str) -> RewriteRule:
    """Read an entry of `rewrite_rules:`: a definition, or one with a state other than enabled."""
    if not isinstance(node, Mapping):
        return parse(text(node, _WHAT))
    known_keys(node, ("definition", "enabled"), "a rewrite rule")
    fields = {str(key): value for key, value in node.items()}
    if "definition" not in fields:
        raise NodeError("a rewrite rule needs a definition", node)
    rule = parse(text(fields["definition"], "a rewrite rule's definition"))
    state = fields.get("enabled")
    return rule if state is None else replace(rule, enabled=one_of(state, STATES))


def load(row: tuple[Any, ...], _schema: str) -> RewriteRule:
    """Make a RewriteRule of a row of the catalog query."""
    event, body, enabled = row
    if body is None:
        raise TypeError("the rule no longer exists")
    return RewriteRule(event=event, body=body, enabled=enabled)


def show(rule: RewriteRule) -> str:
    """The rule without its state, as the contract writes it: in one line, whatever the server breaks."""
    return f"on {rule.event} {_in_one_line(rule.body)}"


def _in_one_line(text_: str) -> str:
    """A text with a blank for all white space between its words; comments go, too."""
    result, end = "", 0
    for token in tokens(text_):
        result += f"{' ' if token.start > end and result else ''}{token.text}"
        end = token.end
    return result


def spell(rule: RewriteRule) -> str | dict[str, str]:
    """The rule as the contract writes it: a mapping where it is in another state than enabled."""
    said = show(rule)
    return said if rule.enabled == "enabled" else {"definition": said, "enabled": rule.enabled}


def show_whole(rule: RewriteRule) -> str:
    """The rule as the contract writes it, with a state other than enabled."""
    said = show(rule)
    return said if rule.enabled == "enabled" else flow({"definition": said, "enabled": rule.enabled})


def create_on(rule: RewriteRule, on: str, name: str, *, replacing: bool = False) -> str:
    """The statement that puts the rule on a relation."""
    return f"create {'or replace ' if replacing else ''}rule {name} as on {rule.event} to {on} {rule.body}"
