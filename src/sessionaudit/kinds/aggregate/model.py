"""Aggregates that the contract names."""

from __future__ import annotations

from copy import copy
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec.structs import replace

from sessionaudit.core.compared import Compared
from sessionaudit.core.kind import Entry, Scope
from sessionaudit.core.node import Mapping, Node, NodeError, Scalar, known_keys, mapping, nearest, standing_at, text
from sessionaudit.kinds.aggregate.signature import aggregate_signature
from sessionaudit.kinds.function import execution
from sessionaudit.kinds.function.signature import kept_type
from sessionaudit.sql.fragment import Fragment, FragmentError
from sessionaudit.sql.text import literal, quoted, unliteral

if TYPE_CHECKING:
    from collections.abc import Iterator

FUNCTIONS = frozenset("sfunc finalfunc combinefunc serialfunc deserialfunc msfunc minvfunc mfinalfunc".split())
TYPES = frozenset({"stype", "mstype"})
TEXTS = frozenset({"initcond", "minitcond"})
NUMBERS = frozenset({"sspace", "msspace"})
FLAGS = frozenset({"finalfunc_extra", "mfinalfunc_extra", "hypothetical"})
MODIFY = frozenset({"finalfunc_modify", "mfinalfunc_modify"})
# In the order of CREATE AGGREGATE in PostgreSQL's manual.
OPTIONS = tuple(
    "sfunc stype sspace finalfunc finalfunc_extra finalfunc_modify combinefunc serialfunc deserialfunc initcond msfunc"
    " minvfunc mstype msspace mfinalfunc mfinalfunc_extra mfinalfunc_modify minitcond sortop parallel"
    " hypothetical".split()
)


class Aggregate(Compared, frozen=True, kw_only=True):
    """An aggregate; `options` are pairs of what CREATE AGGREGATE says of one, without PostgreSQL's defaults.

    `listed` are its arguments as DROP AGGREGATE names them. Names of functions and operators are qualified, but for
    those that the contract writes without a schema: they are of `schema`, or PostgreSQL's own. `owner` is None where
    the contract does not state it. `grants`, `held` and `passing` are those of Function.
    """

    aside: ClassVar = frozenset({"held", "schema"})

    options: tuple[tuple[str, str], ...]
    listed: str = ""
    owner: str | None = None
    grants: frozenset[str] | None = None
    held: frozenset[str] = frozenset[str]()
    passing: frozenset[str] = frozenset[str]()
    schema: str = ""

    def option(self, name: str) -> str | None:
        """The value of an option."""
        return next((value for known, value in self.options if known == name), None)


class SignedDefinition(Scalar):
    """A definition that knows the arguments of the signature before it."""

    __slots__ = ("listed",)
    listed: str


def entries(node: Node, scope: Scope) -> Iterator[Entry]:
    """`name(arguments): definition`."""
    for key, value in mapping(node, "a mapping of signatures to definitions").items():
        path, listed = aggregate_signature(key, scope.schema)
        yield Entry(path, key, _signed(value, listed))


def _signed(node: Node, listed: str) -> Node:
    if isinstance(node, Mapping):
        known_keys(node, ("definition", "owner", "grants"), "an aggregate")
        found = Mapping((key, _signed(value, listed) if key == "definition" else value) for key, value in node.items())
        return standing_at(found, node)
    if not isinstance(node, Scalar):
        return node
    signed = SignedDefinition(node)
    signed.line, signed.column, signed.style = node.line, node.column, node.style
    signed.source = node.source
    signed.listed = listed
    return signed


def read(node: Node, schema: str) -> Aggregate:
    """Read an entry of `aggregates:`: what follows the signature, or a mapping of that, the owner and the grants."""
    if isinstance(node, Mapping):
        fields = {str(key): value for key, value in node.items()}
        if "definition" not in fields:
            raise NodeError("an aggregate needs a definition", node)
        owner = str(text(fields["owner"], "a role")) if "owner" in fields else None
        grants = execution.executing(fields["grants"], "an aggregate") if "grants" in fields else None
        return replace(read(fields["definition"], schema), owner=owner, grants=grants)
    definition = text(node, "an aggregate's definition")
    listed = node.listed if isinstance(node, SignedDefinition) else ""
    return Aggregate(options=_parse(definition, schema, ordered="order by" in listed), listed=listed, schema=schema)


def load(row: tuple[Any, ...], schema: str) -> Aggregate:
    """Make an Aggregate of a row of the catalog query."""
    listed, options, owner, grants, held, passing = row
    found = ((name, kept_type(Fragment(value), schema) if name in TYPES else value) for name, value in options)
    listed = aggregate_signature(f"x({listed or '*'})", schema).listed
    return Aggregate(
        options=tuple(found),
        listed=listed,
        owner=owner,
        grants=frozenset(grants),
        held=frozenset(held),
        passing=frozenset(passing),
        schema=schema,
    )


@lru_cache(maxsize=1024)
def _parse(definition: str, schema: str, *, ordered: bool) -> tuple[tuple[str, str], ...]:
    fragment = Fragment(definition)
    if not fragment.peek("("):
        raise fragment.error("“(”", "As in CREATE AGGREGATE: (sfunc = int8inc, stype = bigint, initcond = '0').")
    inside = fragment.inner()
    fragment.end()
    found: dict[str, str] = {}
    while not inside.done:
        if found:
            inside.expect(",")
        before = copy(inside)
        name = inside.name("an option").lower()
        if name not in OPTIONS:
            raise before.error("an option of CREATE AGGREGATE", nearest(name, OPTIONS))
        if name in found:
            raise before.error("an option that is not there yet")
        found[name] = _option(inside, name, schema)
    usual = {
        "finalfunc_modify": "read_write" if ordered else "read_only",
        "mfinalfunc_modify": "read_write" if ordered else "read_only",
        "parallel": "unsafe",
        "sspace": "0",
        "msspace": "0",
        **dict.fromkeys(FLAGS, "false"),
    }
    for required in ("sfunc", "stype"):
        if required not in found:
            raise FragmentError(f"an aggregate needs “{required}”", 0)
    return tuple((name, found[name]) for name in OPTIONS if name in found and found[name] != usual.get(name))


def _option(fragment: Fragment, name: str, schema: str) -> str:
    if name in FLAGS:
        return _flag(fragment)
    fragment.expect("=")
    if name in FUNCTIONS:
        return _name(fragment)
    if name in TYPES:
        return kept_type(fragment, schema)
    if name in TEXTS:
        value = fragment.until((",",))
        return unliteral(value) if value.startswith(("'", "e'", "E'", "$")) else value
    if name == "sortop":
        return _operator(fragment)
    word = fragment.word("a value").lower()
    known = ("read_only", "shareable", "read_write") if name in MODIFY else ("safe", "restricted", "unsafe")
    if name in NUMBERS:
        if not word.isdigit():
            raise fragment.error("a number of bytes")
    elif word not in known:
        raise fragment.error(" or ".join(known))
    return word


def _flag(fragment: Fragment) -> str:
    if not fragment.accept("="):
        return "true"
    return "true" if fragment.one_of("true", "false", "on", "off") in {"true", "on"} else "false"


def _name(fragment: Fragment) -> str:
    first = fragment.name("a function")
    return f"{quoted(first)}.{quoted(fragment.name('a function'))}" if fragment.accept(".") else quoted(first)


def _operator(fragment: Fragment) -> str:
    if not fragment.peek("operator"):
        return fragment.until((",",))
    fragment.expect("operator")
    inside = fragment.inner()
    schema = inside.name("a schema")
    inside.expect(".")
    return f"operator({quoted(schema)}.{inside.until()})"


def show(aggregate: Aggregate) -> str:
    """What follows the signature in CREATE AGGREGATE."""
    return f"({', '.join(_said(name, value) for name, value in aggregate.options)})"


def _said(name: str, value: str) -> str:
    if name in FLAGS:
        return name
    return f"{name} = {literal(value) if name in TEXTS else value}"


def spell(aggregate: Aggregate) -> str | dict[str, Any]:
    """What follows the signature, with the owner and the grants where they are known."""
    text = _plain(aggregate)
    said: dict[str, Any] = {} if aggregate.owner is None else {"owner": aggregate.owner}
    if aggregate.grants is not None:
        said["grants"] = execution.spell(aggregate.grants)
    return {"definition": text, **said} if said else text


def condensed(aggregate: Aggregate) -> str | dict[str, Any]:
    """What follows the signature, with grants that are not those of a new aggregate."""
    text = _plain(aggregate)
    if aggregate.grants in {None, frozenset({execution.PUBLIC})}:
        return text
    return {"definition": text, "grants": execution.spell(aggregate.grants or ())}


def _plain(aggregate: Aggregate) -> str:
    """What follows the signature, without the schema of what is PostgreSQL's own."""
    own = tuple((name, _bare(value) if name not in TEXTS else value) for name, value in aggregate.options)
    return show(replace(aggregate, options=own))


def _bare(value: str) -> str:
    if value.startswith("operator(pg_catalog."):
        return value.removeprefix("operator(pg_catalog.").removesuffix(")")
    return value.removeprefix("pg_catalog.")
