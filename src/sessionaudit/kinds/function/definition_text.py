"""How functions and procedures are written: what follows CREATE, and what the contract has of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.core.ref import dotted
from sessionaudit.kinds.function import execution
from sessionaudit.kinds.function.body import STANDARD
from sessionaudit.kinds.function.model import LISTS, Function
from sessionaudit.sql.text import dollar_quoted, literal, quoted

if TYPE_CHECKING:
    from sessionaudit.core.kind import ObjectPath
    from sessionaudit.core.ref import ObjectRef

NOTHING = "''"  # a setting's value


def noun(function: Function) -> str:
    """What PostgreSQL calls it."""
    return "function" if function.returns else "procedure"


def parsed(function: Function) -> bool:
    """Whether the body is SQL that PostgreSQL keeps as a tree, and no string."""
    return function.language == "sql" and STANDARD.match(function.body) is not None


def written(path: ObjectPath, function: Function, arguments: str, others: tuple[str, ...]) -> str:
    """What follows CREATE."""
    return f"{noun(function)} {dotted(path[:2])}({arguments}) {_clauses(function, others)}"


def spell(function: Function) -> str | dict[str, Any]:
    """What follows the signature, with the owner and the grants where they are known."""
    text = _clauses(function, function.others)
    said: dict[str, Any] = {} if function.owner is None else {"owner": function.owner}
    if function.grants is not None:
        said["grants"] = execution.spell(function.grants)
    return {"definition": text, **said} if said else text


def condensed(function: Function) -> str | dict[str, Any]:
    """What follows the signature, with grants that are not those of a new function."""
    text = _clauses(function, function.others)
    if function.grants in {None, frozenset({execution.PUBLIC})}:
        return text
    return {"definition": text, "grants": execution.spell(function.grants or ())}


def key(ref: ObjectRef, function: Function) -> str:
    """The signature with the arguments' names and defaults, without which a body that uses them means nothing."""
    return f"{dotted(ref.path[:2])}({function.arguments})"


def _clauses(function: Function, others: tuple[str, ...]) -> str:
    """PostgreSQL wants a body that is SQL at the end."""
    parts = [f"returns {function.returns}"] if function.returns else []
    parts.append(f"language {quoted(function.language)}")
    parts += [function.volatility] if function.volatility != "volatile" else []
    parts += ["strict"] if function.strict else []
    parts += ["security definer"] if function.security == "definer" else []
    parts += ["leakproof"] if function.leakproof else []
    parts += [f"parallel {function.parallel}"] if function.parallel != "unsafe" else []
    return " ".join((*parts, *others, *map(_set, function.settings), _body(function)))


def _set(setting: str) -> str:
    name, _, value = setting.partition(" = ")
    spelled = ".".join(map(quoted, name.split(".")))
    return f"set {spelled} to {value if name in LISTS or value == NOTHING else literal(value).strip()}"


def _body(function: Function) -> str:
    if parsed(function):
        return function.body
    if function.language == "c":
        file, symbol = linked(function)
        return f"as {literal(file)}, {literal(symbol)}" if file else f"as {literal(symbol)}"
    return f"as {dollar_quoted(function.body)}"


def linked(function: Function) -> tuple[str, str]:
    """The file and the symbol of a function in C; where only one is stated, it is the file."""
    file, _, symbol = function.body.rpartition(", ")
    return file, symbol
