"""Define what a reader finds in source code: values, requests, statements, and what becomes of their failure.

Nothing here depends on a language, on a library of clients or on the database.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator


class Span(NamedTuple):
    """A part of a file, from a line and column to before another; all count from 1, columns in characters."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


class Dynamic(StrEnum):
    """Why a value is not known from the text."""

    PARAMETER = "a parameter of the function"
    CALL = "the result of a call"
    IMPORT = "an import that cannot be read"
    REASSIGNED = "a variable that is assigned to more than once"
    EXPRESSION = "a computed text"
    SPREAD = "a spread of what is not known"
    MUTATED = "an object that is passed on before it is used"
    SYNTAX = "code that cannot be parsed"
    BEFORE = "what statements before it in the file do"
    UNBOUND = "a name that is not defined in the file"
    MARKUP = "code in the markup of a component"


class Known(Struct, frozen=True):
    """A literal: a text, a number, true or false, or null. `at` is its place, of a text without its quotes.

    `exact` says that each character of a text stands in the source as it is, so that an offset is a column.
    """

    value: str | int | float | bool | None
    at: Span
    exact: bool = False


class Unknown(Struct, frozen=True):
    """A value that the text does not tell, and why.

    Of a text of which some is known, as of a template, `parts` has what stands in it, one after another.
    """

    why: Dynamic
    at: Span
    parts: tuple[Known | Unknown, ...] = ()


class Choice(Struct, frozen=True):
    """One of several values: both arms of a conditional, or a member of a constant list."""

    values: tuple[CodeValue, ...]
    at: Span


class Items(Struct, frozen=True):
    """A list of values. It is `open` if it may have more of them than are known."""

    values: tuple[CodeValue, ...]
    at: Span
    open: bool = False


class NamedValue(NamedTuple):
    """A field of an object. It is `optional` if it is set in some runs only."""

    name: str
    value: CodeValue
    at: Span
    optional: bool = False


class Fields(Struct, frozen=True):
    """An object. It is `open` if it may have more fields than are known, because of `why`."""

    fields: tuple[NamedValue, ...]
    at: Span
    open: bool = False
    why: Dynamic | None = None


CodeValue = Known | Unknown | Choice | Items | Fields


def possible(value: CodeValue) -> Iterator[Known | Unknown | Items | Fields]:
    """Return what a value may be: itself, or each of its choices."""
    if isinstance(value, Choice):
        for one in value.values:
            yield from possible(one)
    else:
        yield value


class Action(StrEnum):
    """What a request asks of PostgREST."""

    SELECT = "select"
    INSERT = "insert"
    UPSERT = "upsert"
    UPDATE = "update"
    DELETE = "delete"
    CALL = "rpc"
    LISTEN = "listen"


class Fate(StrEnum):
    """What becomes of a failure of a request."""

    HANDLED = "handled"  # returned, thrown, passed on, shown
    IGNORED = "ignored"  # nobody looks at the error
    LOGGED = "logged"  # it is logged, and the code goes on
    SWALLOWED = "swallowed"  # it is thrown into a catch that only logs
    UNSENT = "never sent"  # nobody awaits the request
    RESULT = "its result is returned"  # to whoever calls the function; so are the next two
    RETURNED = "returned"  # in some form
    THROWN = "thrown"
    UNKNOWN = "unknown"


class CodeClient(Struct, frozen=True):
    """Through what a request is sent: the name of the variable, and the key by which it was created, if that is known.

    `key` is the text of the expression, as `process.env.SUPABASE_SERVICE_ROLE_KEY`. `maker` is the function that makes
    the client, as `createAdminClient`, if the variable is set to the result of one.
    """

    name: str
    key: str = ""
    maker: str = ""


class Modifier(Struct, frozen=True):
    """One method that is called on a request, with its arguments, as in the code: `eq`, `or`, `order`, `single`.

    It is `optional` if it is called in some runs only, as in `if (status) query = query.eq('status', status)`.
    `said` is its name in the code, where a reader gives it another one.
    """

    name: str
    arguments: tuple[CodeValue, ...]
    at: Span
    optional: bool = False
    said: str = ""


class CodeRequest(Struct, frozen=True, kw_only=True):
    """A request to PostgREST, as the code composes it.

    `target` is the relation or the function, `schema` what `.schema()` says, None for the default. `payload` is what an
    insert, upsert or update sends, and the arguments of a function. `options` are those of the method that makes the
    request, `select`, `upsert` or `rpc`. `columns` is what `select` is given, also after a write; None if it is not
    called, or without an argument (`returns` tells these apart). `modifiers` are the methods after that, in order.
    """

    at: Span
    client: CodeClient
    action: Action
    target: CodeValue
    schema: CodeValue | None = None
    columns: CodeValue | None = None
    returns: bool = False
    payload: CodeValue | None = None
    options: Fields | None = None
    modifiers: tuple[Modifier, ...] = ()
    fate: Fate = Fate.UNKNOWN
    fate_at: Span | None = None


class CodeStatement(Struct, frozen=True, kw_only=True):
    """A statement of SQL in code, with parameters as `$1`.

    `places` has the offset in `text` from which a part stands at a place of the file, for each such part. It is `typed`
    if the client gives types to the parameters, or writes them as literals, so that the server need not infer them.
    """

    at: Span
    text: str
    typed: bool = False
    places: tuple[tuple[int, Span], ...] = ()
    fate: Fate = Fate.UNKNOWN
    fate_at: Span | None = None


class FunctionPlace(NamedTuple):
    """A function: its file, as the system knows it, and the offset at which it starts."""

    file: str
    start: int


class PassingFunction(NamedTuple):
    """A function that passes a failure on, and how. `name` is what it is called by, `within` the object that has it.

    It is `lazy` if it returns a request that is not sent before its result is awaited. The calls in its own file are
    `known` if they were followed before.
    """

    place: FunctionPlace
    name: str
    how: Fate
    within: str = ""
    lazy: bool = False
    known: bool = False


class PassedFailure(Struct, frozen=True):
    """A request whose failure a function passes on."""

    request: CodeRequest
    function: PassingFunction


class Unread(NamedTuple):
    """A call that cannot be judged, and why."""

    at: Span
    why: Dynamic
    what: str


class Suppression(NamedTuple):
    """A comment that suppresses findings of its line, or of the next one if it stands alone on its own.

    `rules` are names or codes; none means all. `reason` is empty if none is given.
    """

    at: Span
    rules: tuple[str, ...]
    reason: str
    alone: bool = True


class CodeFile(Struct, frozen=True, kw_only=True):
    """What a file has: requests, statements, calls that cannot be read, and suppressions.

    `passed` are failures of its requests that functions pass on to their callers.
    """

    path: str
    requests: tuple[CodeRequest, ...] = ()
    statements: tuple[CodeStatement, ...] = ()
    unread: tuple[Unread, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    passed: tuple[PassedFailure, ...] = ()
