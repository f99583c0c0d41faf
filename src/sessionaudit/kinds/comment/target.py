"""What a comment is on: what follows COMMENT ON, read as far as its shape, and spelled in one manner."""

from __future__ import annotations

from copy import copy
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.core.ref import Spelled, dotted
from sessionaudit.kinds.function.signature import signature
from sessionaudit.sql.fragment import Fragment, FragmentError
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from sessionaudit.core.kind import ObjectPath

# By what stands after the words: a name in a schema, a name alone, a name on a relation, a signature.
IN_SCHEMA = (
    "materialized view",
    "foreign table",
    "table",
    "view",
    "sequence",
    "index",
    "type",
    "domain",
    "statistics",
    "collation",
    "conversion",
    "text search configuration",
    "text search dictionary",
)
ALONE = ("schema", "extension", "event trigger", "publication", "foreign data wrapper", "server", "language")
ON_RELATION = ("constraint", "trigger", "policy", "rule")
ROUTINES = ("function", "procedure", "routine", "aggregate")
OF_METHOD = ("operator class", "operator family")
SORTS = ("column", *IN_SCHEMA, *ALONE, *ON_RELATION, *ROUTINES, *OF_METHOD)
_OTHERS = ("access method", "cast", "database", "large object", "operator", "role", "subscription", "tablespace")
_WHAT = "what follows COMMENT ON, such as: table orders, column orders.status, function f(integer)"


class Commented(Struct, frozen=True):
    """An object that can have a comment.

    `path` has the parts of its name: of a column and of what is on a relation that relation's first, of a function its
    arguments in parentheses last, of an operator class its index method last. `of_domain` tells that a constraint is
    one of a domain, which the path begins with.
    """

    sort: str
    path: ObjectPath
    of_domain: bool = False

    @property
    def on_relation(self) -> bool:
        """Whether it is a relation, or is on one that its path begins with."""
        relations = {"table", "view", "materialized view", "foreign table", "column"}
        return self.sort in relations or (self.sort in ON_RELATION and not self.of_domain)

    @property
    def spelled(self) -> str:
        """It as SQL spells it."""
        if self.sort in ON_RELATION:
            on = f"domain {dotted(self.path[:2])}" if self.of_domain else dotted(self.path[:2])
            return f"{self.sort} {quoted(self.path[2])} on {on}"
        if self.sort in OF_METHOD:
            return f"{self.sort} {dotted(self.path[:2])} using {quoted(self.path[2])}"
        return f"{self.sort} {dotted(self.path)}"

    @property
    def for_statement(self) -> str:
        """It as COMMENT ON takes it, which wants a star where an aggregate has no arguments."""
        if self.sort == "aggregate" and self.path[2] == "()":
            return f"{self.sort} {dotted(self.path[:2])}(*)"
        return self.spelled


@lru_cache(maxsize=16384)
def target(text: str, schema: str) -> Commented:
    """Read what follows COMMENT ON; a bare name lives in `schema`. Raises FragmentError."""
    fragment = Fragment(text)
    before = copy(fragment)
    sort = next((one for one in SORTS if fragment.accept(*one.split())), None)
    if sort is None or fragment.done:
        other = next((one for one in _OTHERS if copy(before).accept(*one.split())), "")
        hint = f"Comments on {other}s are not looked at." if other and sort is None else ""
        raise (before if sort is None else fragment).error(_WHAT if sort is None else "a name", hint)
    if sort in ROUTINES:
        found = Commented(sort, _routine(fragment, schema, text))
    elif sort in ALONE:
        found = Commented(sort, (fragment.name(),))
    elif sort == "column":
        found = Commented(sort, _column(fragment, schema))
    elif sort in ON_RELATION:
        name = fragment.name()
        fragment.expect("on")
        of_domain = sort == "constraint" and fragment.peek("domain") and not _ends_after(fragment)
        if of_domain:
            fragment.expect("domain")
        found = Commented(sort, (*fragment.qualified(schema, "a table"), name), of_domain)
    else:
        found = Commented(sort, fragment.qualified(schema))
        if sort in OF_METHOD:
            fragment.expect("using")
            found = Commented(sort, (*found.path, fragment.name("an index method")))
    fragment.end("the end of the name")
    return found


def _ends_after(fragment: Fragment) -> bool:
    """Whether one word is all that is left, or the schema of another: a table may be called `domain`."""
    ahead = copy(fragment)
    ahead.name()
    return ahead.done or ahead.peek(".")


def _column(fragment: Fragment, schema: str) -> ObjectPath:
    names = [fragment.name("a table")]
    fragment.expect(".")
    names.append(fragment.name("a column"))
    if fragment.accept("."):
        return (*names, fragment.name("a column"))
    return (schema, *names)


def _routine(fragment: Fragment, schema: str, text: str) -> ObjectPath:
    rest = fragment.rest()
    start = len(text.rstrip()) - len(rest)
    inner = Fragment(rest)
    inner.qualified(schema)
    if inner.accept("(", "*", ")"):
        inner.end()
        rest = rest[: rest.rindex("*")] + ")"
    try:
        return signature(rest, schema).path
    except FragmentError as error:
        raise FragmentError(str(error), start + error.offset, error.hint) from None


def path_of(text: str, schema: str) -> ObjectPath:
    """The path of the comment on what a text names."""
    return (Spelled(target(text, schema).spelled),)
