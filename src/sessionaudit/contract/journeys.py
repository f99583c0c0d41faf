"""Read the `journeys:` section: what users do, step by step, and what must come of each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.contract.actor import Actor, read_actor, role_of
from sessionaudit.contract.invariants import NAME
from sessionaudit.core import sqlstate
from sessionaudit.core.node import (
    Mapping,
    Node,
    NodeError,
    Scalar,
    Sequence,
    brief,
    described,
    known_keys,
    mapping,
    name,
    nearest,
    text,
)
from sessionaudit.core.place import where
from sessionaudit.core.ref import ObjectRef
from sessionaudit.sql.parameters import NumberedStatement, foreign_parameter, is_parameter, numbered_statement
from sessionaudit.sql.text import UnclosedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.contract.problems import Problems
    from sessionaudit.core.finding import Location
    from sessionaudit.core.kind import ObjectPath

KEYS = ("summary", "given", "steps")
STEP_KEYS = ("summary", "as", "sql", "gives", "expect")
GIVEN_KEYS = ("as", "sql")
EXPECTED = "`1 row`, `no rows`, `3 rows`, `refused`, `error 23505`, or a mapping of columns to values"
_EXAMPLE = "For example: expect: 1 row. It may be 1 row, no rows, 3 rows, refused, error 23505, or {status: pending}."
_ROWS = re.compile(r"(no|\d{1,6}) rows?\Z")
_ERROR = re.compile(r"error ([0-9A-Z]{5})\Z")
_NULLS = frozenset(("null", "~", ""))


class ExpectedColumn(Struct, frozen=True):
    """A column of what a step returns, and its value as PostgreSQL reads it; None for null."""

    column: Scalar
    value: Scalar | None


class Expectation(Struct, frozen=True, kw_only=True):
    """What must come of a step: a number of rows, an error with a SQLSTATE, or `values`, those of each row.

    `words` are how the contract says it.
    """

    location: Location
    words: str
    rows: int | None = None
    error: str | None = None
    values: tuple[tuple[ExpectedColumn, ...], ...] | None = None


class JourneyStep(Struct, frozen=True, kw_only=True):
    """One statement, and who sends it; None means the role that connects.

    `gives` is what later steps call the row that it returns. A statement that makes what must be there first expects
    nothing.
    """

    name: str
    location: Location
    summary: str
    actor: Actor | None
    sql: Scalar
    statement: NumberedStatement
    gives: str
    expected: Expectation | None

    @property
    def expected_rows(self) -> tuple[tuple[ExpectedColumn, ...], ...]:
        """The rows of which it expects the values."""
        return (self.expected.values if self.expected else None) or ()

    @property
    def expected_columns(self) -> tuple[ExpectedColumn, ...]:
        """The columns that it expects, of all rows."""
        return tuple(column for row in self.expected_rows for column in row)


class Journey(Struct, frozen=True, kw_only=True):
    """What a user does: what must be there first, and the steps, in their order."""

    name: str
    location: Location
    summary: str
    given: tuple[JourneyStep, ...]
    steps: tuple[JourneyStep, ...]

    def giver(self, value: str) -> JourneyStep:
        """Return the step that gives a value."""
        return next(step for step in (*self.given, *self.steps) if step.gives == value)

    @property
    def ref(self) -> ObjectRef:
        """The reference that findings on its steps have."""
        return ObjectRef("journey", (self.name,))

    def step_ref(self, step: JourneyStep) -> ObjectRef:
        """Return the reference of one step."""
        return ObjectRef("journey", (self.name, step.name))


def read(node: Node, problems: Problems) -> tuple[Journey, ...]:
    """Read the journeys of a contract, in its order; add errors in one to `problems`. Raises NodeError."""
    return tuple(_each(node, problems))


def _each(node: Node, problems: Problems) -> Iterator[Journey]:
    for key, value in mapping(node, "a mapping of names to journeys").items():
        with problems.of(key):
            _require_name(key, "a journey's name")
            found = mapping(value, "a journey: a mapping with summary and steps")
            known_keys(found, KEYS, "a journey")
            yield _journey(key, {str(word): said for word, said in found.items()}, problems)


def _journey(key: Scalar, fields: dict[str, Node], problems: Problems) -> Journey:
    for word in ("summary", "steps"):
        if word not in fields:
            raise NodeError(f"the journey {key} needs “{word}”", key)
    known: dict[str, Scalar] = {}
    given = tuple(_given(fields["given"], known, problems)) if "given" in fields else ()
    steps = tuple(_steps(fields["steps"], known, {one.name for one in given}, problems))
    if not steps and not problems:
        raise NodeError(f"the journey {key} has no steps", fields["steps"])
    return Journey(
        name=str(key),
        location=where(key),
        summary=str(text(fields["summary"], "a sentence")),
        given=given,
        steps=steps,
    )


def _given(node: Node, known: dict[str, Scalar], problems: Problems) -> Iterator[JourneyStep]:
    for key, value in mapping(node, "a mapping of names to the statements that make them").items():
        with problems.of(key):
            _require_name(key, "the name of what is given")
            fields: dict[str, Node] = {"sql": value}
            if isinstance(value, Mapping):
                known_keys(value, GIVEN_KEYS, "what is given")
                fields = {str(word): said for word, said in value.items()}
            known[str(key)] = key
            yield _step(key, fields, known, str(key), None)


def _steps(node: Node, known: dict[str, Scalar], given: set[str], problems: Problems) -> Iterator[JourneyStep]:
    for key, value in mapping(node, "a mapping of names to steps").items():
        with problems.of(key):
            _require_name(key, "a step's name")
            if key in given:
                raise NodeError(f"“{key}” is given already: a step needs a name of its own", key)
            found = mapping(value, "a step: a mapping with as, sql and expect")
            known_keys(found, STEP_KEYS, "a step of a journey")
            fields = {str(word): said for word, said in found.items()}
            gives = _gives(fields["gives"], known) if "gives" in fields else None
            if "expect" not in fields:
                raise NodeError(f"the step {key} needs “expect”: what must come of it", key, _EXAMPLE)
            if gives is not None:  # also where the step is wrong, so that those that use it are not
                known[str(gives)] = gives
            expected = _expected(fields["expect"])
            if gives is not None and (expected.error is not None or expected.rows == 0):
                raise NodeError(f"a step of which {expected.words} is expected gives nothing", gives)
            yield _step(key, fields, known, str(gives or ""), expected)


def _step(
    key: Scalar, fields: dict[str, Node], known: dict[str, Scalar], gives: str, expected: Expectation | None
) -> JourneyStep:
    if "sql" not in fields:
        raise NodeError(f"{key} needs “sql”", key)
    earlier = {name for name in known if name != gives}
    sql = text(fields["sql"], "a statement")
    actor = _actor(fields["as"]) if "as" in fields else None
    for said in (actor.claims, *(value for _, value in actor.stated if is_parameter(value))) if actor else ():
        if said is not None:
            statement_of(said, earlier)
    return JourneyStep(
        name=str(key),
        location=where(key),
        summary=str(text(fields["summary"], "a sentence")) if "summary" in fields else "",
        actor=actor,
        sql=sql,
        statement=statement_of(sql, earlier),
        gives=gives,
        expected=expected,
    )


def statement_of(sql: Scalar, known: set[str]) -> NumberedStatement:
    """Return the SQL with numbered parameters. Raises NodeError where one is not among the `known` values."""
    try:
        if (own := foreign_parameter(sql)) is not None:
            raise NodeError("a parameter is written with a name", sql, "For example, :session.", own)
        found = numbered_statement(sql)
    except UnclosedError as error:
        raise NodeError(str(error), sql, offset=error.start) from None
    for one in found.parameters:
        if one.name not in known:
            hint = nearest(one.name, known) or "A value is given by `given`, or by an earlier step's “gives”."
            raise NodeError(f"no earlier step gives “{brief(one.name)}”", sql, hint, one.start)
    return found


def _actor(node: Node) -> Actor:
    if isinstance(node, Scalar):
        return Actor(role=role_of(node))
    return read_actor(node, stated=True)


def _gives(node: Node, known: dict[str, Scalar]) -> Scalar:
    said = text(node, "a name, such as session")
    _require_name(said, "the name of a value")
    if said in known:
        raise NodeError(f"“{said}” is given already, in line {known[said].line}", said)
    return said


def _expected(node: Node) -> Expectation:
    location = where(node)
    if isinstance(node, Mapping):
        values = _values(node)
        return Expectation(location=location, words=_worded(values), values=(values,))
    if isinstance(node, Sequence):
        rows = tuple(_values(mapping(item, "a mapping of columns to values")) for item in node)
        if not rows:
            raise NodeError("an empty list: write “no rows”", node)
        return Expectation(location=location, words=f"{len(rows)} rows with these values", values=rows)
    said = text(node, EXPECTED)
    if said == "refused":
        return Expectation(location=location, words=said, error=sqlstate.INSUFFICIENT_PRIVILEGE)
    if match := _ERROR.match(said):
        return Expectation(location=location, words=said, error=match[1])
    if match := _ROWS.match(said):
        return Expectation(location=location, words=said, rows=0 if match[1] == "no" else int(match[1]))
    raise NodeError(f"expected {EXPECTED}; found {described(said)}", said, _EXAMPLE)


def _worded(values: tuple[ExpectedColumn, ...]) -> str:
    return brief(", ".join(f"{one.column}: {'null' if one.value is None else one.value}" for one in values))


def _values(node: Mapping) -> tuple[ExpectedColumn, ...]:
    if not node:
        raise NodeError("expected columns and their values, found nothing", node)
    found: list[ExpectedColumn] = []
    for key, value in node.items():
        if not isinstance(value, Scalar):
            raise NodeError(f"expected a value, found {described(value)}", value, "Write JSON as a text, in quotes.")
        found.append(ExpectedColumn(name(key), None if not value.style and value.lower() in _NULLS else value))
    return tuple(found)


def _require_name(key: Scalar, what: str) -> None:
    if not NAME.match(name(key)):
        raise NodeError(f"{what} must consist of lower-case letters, digits and _", key)


def named(node: Node | None) -> Iterator[tuple[ObjectPath, tuple[str, ...]]]:
    """Return the names of journeys and of what is in them, whether or not all of it is valid."""
    for key, value in node.items() if isinstance(node, Mapping) else ():
        fields = value.items() if isinstance(value, Mapping) else ()
        parts = [part for word, part in fields if word in {"given", "steps"}]
        yield (str(key),), tuple(str(step) for part in parts if isinstance(part, Mapping) for step in part)
