"""Read the `trace:` section: the story of one row, link by link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.contract.actor import Actor, read_actor
from sessionaudit.contract.invariants import (
    NAME,
    AliasedTable,
    Clause,
    Labelled,
    clauses,
    expression,
    labelled,
    rows,
)
from sessionaudit.core.node import Node, NodeError, Scalar, known_keys, mapping, name, nearest, text
from sessionaudit.core.place import where

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessionaudit.contract.problems import Problems
    from sessionaudit.core.finding import Location

KEYS = ("of", "since", "by", "links")
LINK_KEYS = ("summary", "from", "on", "show", "needed", "as", "invariant", "lost")
LOST_KEYS = ("from", "on", "invariant")


class Lost(Struct, frozen=True, kw_only=True):
    """Rows of `rows` that `on` joins to the subject, and that the invariant's repair should link to it."""

    rows: AliasedTable
    on: Scalar
    invariant: str


class Link(Struct, frozen=True, kw_only=True):
    """One link of the story: rows of `rows` that `on` joins to the subject; without `rows`, the subject itself.

    `show` holds labels and expressions. `needed` are conditions on the subject under which the link is required.
    `invariant` names the invariant that requires it, and `lost` are rows that should be the link.
    """

    name: str
    location: Location
    summary: str
    rows: AliasedTable | None = None
    on: Scalar | None = None
    show: tuple[Labelled, ...] = ()
    needed: tuple[Clause, ...] = ()
    actor: Actor | None = None
    invariant: str = ""
    lost: Lost | None = None


class Trace(Struct, frozen=True, kw_only=True):
    """The definition of the story of one row of `subject`.

    `since` is when it began; `by` holds the expressions that find the row, besides its primary key.
    """

    location: Location
    subject: AliasedTable
    since: Scalar | None
    links: tuple[Link, ...]
    by: tuple[Labelled, ...] = ()


def read(node: Node, schema: str, invariants: Iterable[str], problems: Problems) -> Trace:
    """Read the section; links may name one of the `invariants`. Errors in a link are added to `problems`.

    Raises NodeError for other errors.
    """
    found = mapping(node, "a mapping with of and links")
    known_keys(found, KEYS, "a trace")
    fields = {str(key): value for key, value in found.items()}
    for word in ("of", "links"):
        if word not in fields:
            raise NodeError(f"a trace needs “{word}”", found)
    links = tuple(_links(fields["links"], schema, frozenset(invariants), problems))
    return Trace(
        location=where(found),
        subject=rows(fields["of"], schema),
        since=expression(fields["since"], "an expression such as s.created_at") if "since" in fields else None,
        links=links,
        by=tuple(labelled(fields["by"], names=True)) if "by" in fields else (),
    )


def _links(node: Node, schema: str, invariants: frozenset[str], problems: Problems) -> Iterator[Link]:
    for key, value in mapping(node, "a mapping of names to links").items():
        with problems.of(key):
            yield _link(key, value, schema, invariants)


def _link(key: Scalar, value: Node, schema: str, invariants: frozenset[str]) -> Link:
    if not NAME.match(name(key)):
        raise NodeError("a link's name must consist of lower-case letters, digits and _", key)
    found = mapping(value, "a link: a mapping with summary, from, on and show")
    known_keys(found, LINK_KEYS, "a link of a trace")
    fields = {str(word): said for word, said in found.items()}
    if "summary" not in fields:
        raise NodeError(f"the link {key} needs a summary", key)
    if ("from" in fields) != ("on" in fields):
        raise NodeError(f"the link {key} needs both “from” and “on”, or neither", key)
    return Link(
        name=str(key),
        location=where(key),
        summary=str(text(fields["summary"], "a sentence")),
        rows=rows(fields["from"], schema) if "from" in fields else None,
        on=expression(fields["on"], "a condition") if "on" in fields else None,
        show=tuple(labelled(fields["show"])) if "show" in fields else (),
        needed=tuple(clauses(fields["needed"])) if "needed" in fields else (),
        actor=read_actor(fields["as"]) if "as" in fields else None,
        invariant=_invariant(fields["invariant"], invariants) if "invariant" in fields else "",
        lost=_lost(fields["lost"], schema, invariants) if "lost" in fields else None,
    )


def _lost(node: Node, schema: str, invariants: frozenset[str]) -> Lost:
    found = mapping(node, "a mapping with from, on and invariant")
    known_keys(found, LOST_KEYS, "lost")
    fields = {str(key): value for key, value in found.items()}
    for word in LOST_KEYS:
        if word not in fields:
            raise NodeError(f"“lost” needs “{word}”", found)
    return Lost(
        rows=rows(fields["from"], schema),
        on=expression(fields["on"], "a condition"),
        invariant=_invariant(fields["invariant"], invariants),
    )


def _invariant(node: Node, invariants: frozenset[str]) -> str:
    word = str(text(node, "an invariant"))
    if word not in invariants:
        raise NodeError(f"unknown invariant “{word}”", node, nearest(word, invariants))
    return word
