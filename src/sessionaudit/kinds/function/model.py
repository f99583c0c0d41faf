"""Functions and procedures that the contract names."""

from __future__ import annotations

from copy import copy
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec.structs import replace

from sessionaudit.core.compared import Compared
from sessionaudit.core.kind import Entry, Scope
from sessionaudit.core.node import Mapping, Node, NodeError, Scalar, known_keys, mapping, standing_at, text
from sessionaudit.kinds.function import execution, transforms
from sessionaudit.kinds.function.signature import implied, kept_type, signature
from sessionaudit.sql.fragment import Fragment
from sessionaudit.sql.text import UnclosedError, quoted, tokens, unliteral

if TYPE_CHECKING:
    from collections.abc import Iterator


class Function(Compared, frozen=True, kw_only=True):
    """A function; `settings` are `name = value`, sorted; `returns` is "" for a procedure.

    `arguments` is what stands between the signature's parentheses, names and defaults: "" where the
    contract gives types alone. `others` are clauses that say how it is planned, such as `cost 5`; those that
    the contract does not state are kept where it is replaced. `implied` is what a function returns by its
    OUT and INOUT arguments where the contract leaves RETURNS out, so that it may be a procedure as well.
    `found_bare` are the types of a real one that a contract may write without their schema.
    `everybody` tells of a function that every role may call with its owner's rights. `owner` is None
    where the contract does not state it. `grants` are the roles that have EXECUTE, but for the owner, and None where
    the contract does not state them. Of a real one, `held` are those that can use it, themselves, as members of others
    or as superusers; `passing` are those that may grant it. `rival` tells of a real one that the
    contract does not name whether a call of one that it names may mean it.
    """

    aside: ClassVar = frozenset({"found_bare", "held", "implied", "rival"})

    returns: str
    language: str
    body: str
    volatility: str = "volatile"
    strict: bool = False
    security: str = "invoker"
    leakproof: bool = False
    parallel: str = "unsafe"
    settings: tuple[str, ...] = ()
    arguments: str = ""
    owner: str | None = None
    rival: bool = False
    others: tuple[str, ...] = ()
    grants: frozenset[str] | None = None
    held: frozenset[str] = frozenset[str]()
    passing: frozenset[str] = frozenset()
    everybody: bool = False
    implied: str = ""
    found_bare: tuple[str, ...] = ()


class Signed(Scalar):
    """A definition that knows the arguments of the signature before it."""

    __slots__ = ("arguments",)
    arguments: str


# Lists of names, of which PostgreSQL quotes each; pg_dump has the same (variable_is_guc_list_quote in dumputils.c).
LISTS = frozenset(
    "local_preload_libraries search_path session_preload_libraries shared_preload_libraries temp_tablespaces"
    " unix_socket_directories".split()
)


def entries(node: Node, scope: Scope) -> Iterator[Entry]:
    """`name(arguments): definition`, where no more of the arguments than their types need be there."""
    for key, value in mapping(node, "a mapping of signatures to definitions").items():
        path, arguments = signature(key, scope.schema)
        yield Entry(path, key, _signed(value, arguments) if isinstance(value, Scalar) else _owned(value, arguments))


def _owned(node: Node, arguments: str) -> Node:
    """A mapping of definition, owner and grants, of which the definition knows the arguments."""
    if not isinstance(node, Mapping):
        return node
    known_keys(node, ("definition", "owner", "grants", "access"), "a function")
    found = Mapping(
        (key, _signed(value, arguments) if key == "definition" and isinstance(value, Scalar) else value)
        for key, value in node.items()
    )
    return standing_at(found, node)


def _signed(definition: Scalar, arguments: str) -> Signed:
    signed = Signed(definition)
    signed.line, signed.column, signed.style = definition.line, definition.column, definition.style
    signed.source = definition.source
    signed.arguments = arguments
    return signed


@lru_cache(maxsize=4096)
def parse(definition: str, schema: str) -> Function:
    """Read what follows the signature in CREATE FUNCTION. Raises FragmentError."""
    start = _standard_body(definition)
    fragment = Fragment(definition[:start])
    found: dict[str, Any] = {"returns": "", "language": "sql", "settings": (), "others": ()}
    if start < len(definition):
        found["body"] = definition[start:].strip()
    while not fragment.done:
        _option(fragment, schema, found)
    if "body" not in found:
        raise fragment.error("“as” and the function's body")
    return Function(**found)


def _standard_body(definition: str) -> int:
    """Where a body that is SQL and no string begins, or the definition's end: `;` may stand in one."""
    before = ""
    try:
        for token in tokens(definition):
            word = token.text.lower() if token.sort == "word" else ""
            if word == "return":
                return token.start
            if word == "atomic" and before == "begin":
                return definition.lower().rindex("begin", 0, token.start)
            before = word
    except UnclosedError:
        pass  # for the fragment to complain of
    return len(definition)


def _option(fragment: Fragment, schema: str, found: dict[str, Any]) -> None:
    if fragment.accept("returns", "null", "on", "null", "input"):
        found["strict"] = True
    elif fragment.accept("called", "on", "null", "input"):
        found["strict"] = False
    elif fragment.accept("strict"):
        found["strict"] = True
    elif fragment.accept("returns"):
        found["returns"] = _returns(fragment, schema)
    elif fragment.accept("language"):
        found["language"] = fragment.word("a language")
    elif fragment.accept("not", "leakproof"):
        found["leakproof"] = False
    elif fragment.accept("leakproof"):
        found["leakproof"] = True
    elif fragment.accept("external", "security") or fragment.accept("security"):
        found["security"] = fragment.one_of("definer", "invoker")
    elif fragment.accept("parallel"):
        found["parallel"] = fragment.one_of("safe", "restricted", "unsafe")
    elif fragment.peek("cost") or fragment.peek("rows"):
        found["others"] += (f"{fragment.name()} {_number(fragment)}",)
    elif fragment.accept("support"):
        owner, name = fragment.qualified(schema, "a function")
        found["others"] += (f"support {quoted(owner)}.{quoted(name)}",)
    elif fragment.accept("window"):
        found["others"] += ("window",)
    elif fragment.accept("set"):
        found["settings"] = tuple(sorted((*found["settings"], _setting(fragment))))
    elif fragment.accept("as"):
        body = fragment.value("the function's body, in quotes")
        found["body"] = unliteral(body)
        if fragment.accept(","):  # the file of a C function, then its name there
            found["body"] += f", {unliteral(fragment.value('a symbol'))}"
    elif fragment.accept("transform"):
        found["others"] += (transforms.take(fragment, schema),)
    else:
        found["volatility"] = fragment.one_of("volatile", "stable", "immutable")


def _number(fragment: Fragment) -> str:
    """A number with all its digits."""
    before = copy(fragment)
    try:
        number = float(fragment.word("a number"))
        if not isfinite(number):
            raise ValueError
    except ValueError:
        raise before.error("a number") from None
    return f"{number:.15g}"


def _returns(fragment: Fragment, schema: str) -> str:
    if fragment.accept("table"):
        return f"table({_columns(fragment.parenthesised(), schema)})"
    many = "setof " if fragment.peek("setof") else ""
    return many + kept_type(fragment, schema)


def _columns(text: str, schema: str) -> str:
    fragment = Fragment(text)
    columns: list[str] = []
    while not fragment.done:
        if columns:
            fragment.expect(",")
        columns.append(f"{quoted(fragment.name('a column'))} {kept_type(fragment, schema)}")
    return ", ".join(columns)


def _setting(fragment: Fragment) -> str:
    name = fragment.name("a setting").lower()
    while fragment.accept("."):
        name += f".{fragment.name('a setting')}"
    if fragment.accept("from", "current"):
        raise fragment.error("a value", hint="PostgreSQL stores the value that was current; write that value.")
    if not fragment.accept("to"):
        fragment.expect("=")
    values = [fragment.word("a value")]
    while fragment.accept(","):
        values.append(fragment.word("a value"))
    if name in LISTS:
        values = [quoted(value) if value else "''" for value in values]
    return f"{name} = " + (", ".join(values) or "''")


def read(node: Node, schema: str) -> Function:
    """Read an entry of `functions:`: a definition, or a mapping of one, the owner and the grants."""
    if isinstance(node, Mapping):
        fields = {str(key): value for key, value in node.items()}
        if "definition" not in fields:
            raise NodeError("a function needs a definition", node)
        owner = str(text(fields["owner"], "a role")) if "owner" in fields else None
        grants = execution.executing(fields["grants"], "a function") if "grants" in fields else None
        return replace(read(fields["definition"], schema), owner=owner, grants=grants)
    function = parse(text(node, "a function's definition"), schema)
    if not isinstance(node, Signed):
        return function
    returns = "" if function.returns else implied(node.arguments, schema)
    return replace(function, arguments=node.arguments, implied=returns)


def load(row: tuple[Any, ...], schema: str) -> Function:
    """Make a Function of a row of the catalog query: its arguments, and what follows the signature."""
    found_bare, arguments, everybody, definition, cost, rows, owner, rival, grants, held, passing = row
    exact = {"cost": cost, "rows": rows}  # the definition is printed with six digits of each
    function = parse(definition, schema)
    return replace(
        function,
        others=tuple(_exactly(_as_printed(clause, definition, schema), exact) for clause in function.others),
        arguments=arguments,
        found_bare=tuple(found_bare),
        everybody=everybody,
        owner=owner,
        rival=rival,
        grants=frozenset(grants),
        held=frozenset(held),
        passing=frozenset(passing),
    )


def _as_printed(clause: str, definition: str, schema: str) -> str:
    """A clause of which PostgreSQL printed a name without a schema, because it is its own."""
    own = f"support {quoted(schema)}."
    if clause.startswith(own) and f"\n SUPPORT {quoted(schema)}." not in definition:
        return f"support pg_catalog.{clause.removeprefix(own)}"
    return clause


def _exactly(clause: str, numbers: dict[str, str]) -> str:
    word = clause.partition(" ")[0]
    return f"{word} {_number(Fragment(numbers[word]))}" if word in numbers else clause


def show(function: Function) -> str:
    """The function in one line, without its body."""
    parts = [f"returns {function.returns}"] if function.returns else []
    parts += [f"language {function.language}", function.volatility]
    if function.security == "definer":
        parts.append("security definer")
    return " ".join([*parts, *(f"set {setting}" for setting in function.settings)])
