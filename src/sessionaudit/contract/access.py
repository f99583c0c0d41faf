"""Read what roles may do: `access:` of an object, and the section of this name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.core.entries import role
from sessionaudit.core.node import (
    ABSENT,
    Mapping,
    Node,
    NodeError,
    Scalar,
    described,
    known_keys,
    mapping,
    name,
    nearest,
    sequence,
    standing_at,
    text,
)
from sessionaudit.core.place import where
from sessionaudit.kinds import KINDS
from sessionaudit.sql.fragment import Fragment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Mapping as MappingOf

    from sessionaudit.contract.problems import Problems
    from sessionaudit.core.finding import Location
    from sessionaudit.core.kind import Entry, ObjectPath

KEY = "access"
ALL, BY_POLICY, NO_ROW, REFUSED, NONE = "all", "by policy", "no row", "refused", "none"
WORDS = (ALL, BY_POLICY, NO_ROW, REFUSED, NONE)
KEYS = ("roles", "api")
_OF_ROWS = {BY_POLICY, NO_ROW}
_WITH_COLUMNS = {"select", "insert", "update"}
# One word for a role is about these, and if the role may do nothing, about all commands.
_USUAL = ("select", "insert", "update", "delete", "execute")
_EXAMPLE = "For example: {authenticated: {select: by policy, update: none}, anon: none}."
_PUBLIC = "PUBLIC is no role that runs commands. State it for the roles that do."
_COLUMNS = re.compile(r"\s*\(.*\)\s*\Z", re.DOTALL)


class StatedAccess(Struct, frozen=True, kw_only=True):
    """What must come of a command of a role: a word of WORDS; `columns` are the only ones, None if any will do."""

    role: str
    command: str
    word: str
    location: Location
    columns: frozenset[str] | None = None

    def __str__(self) -> str:
        return self.word if self.columns is None else f"{self.word} ({', '.join(sorted(self.columns))})"


class DeclaredAccess(Struct, frozen=True, kw_only=True):
    """What `check` examines for every object: these `roles`, or all that the contract names.

    `api` are the roles as which requests of users come.
    """

    location: Location
    roles: tuple[str, ...] = ()
    api: tuple[str, ...] | None = None


def taken_out(entry: Entry) -> Entry:
    """Return an entry of which the definition does not contain `access:` any more."""
    node = entry.node
    if not isinstance(node, Mapping) or KEY not in node:
        return entry
    rest = standing_at(Mapping((key, value) for key, value in node.items() if key != KEY), node)
    return entry._replace(node=rest, access=next(value for key, value in node.items() if key == KEY))


def read(node: Node) -> DeclaredAccess:
    """Read the section. Raises NodeError."""
    found = mapping(node, "a mapping with roles and api")
    known_keys(found, KEYS, KEY)
    fields = {str(key): value for key, value in found.items()}
    return DeclaredAccess(
        location=where(found),
        roles=_roles(fields["roles"]) if "roles" in fields else (),
        api=_roles(fields["api"]) if "api" in fields else None,
    )


def _roles(node: Node) -> tuple[str, ...]:
    return tuple(_acting(text(item, "a role")) for item in sequence(node, "a list of roles"))


def _acting(said: Scalar) -> str:
    if (found := role(name(said))) == "public":
        raise NodeError("“public” stands for every role", said, _PUBLIC)
    return found


def named(
    node: Node | None, objects: MappingOf[str, MappingOf[ObjectPath, Entry]]
) -> Iterator[tuple[ObjectPath, tuple[str, ...]]]:
    """Return whose access to what is examined, object and role, with the commands; whether or not all of it is valid.

    `node` is the section, if there is one: then it is that of its roles, or of those that have privileges.
    """
    usual: dict[str, None] = {}
    if isinstance(node, Mapping):
        said = next((value for key, value in node.items() if key == "roles"), None)
        usual = dict.fromkeys(role(one) for one in said or () if isinstance(one, Scalar))
        for kind in KINDS if said is None else ():
            usual |= dict.fromkeys(path[-1] for path in objects[kind.name] if kind.path[-1:] == ("role",))
    for kind in KINDS:
        for path, entry in objects[kind.name].items() if kind.commands else ():
            if entry.node != ABSENT:
                own = (role(key) for key in entry.access) if isinstance(entry.access, Mapping) else ()
                yield from (((*path, one), kind.commands) for one in dict.fromkeys((*usual, *own)))


def stated(node: Node, commands: Sequence[str], problems: Problems) -> Iterator[StatedAccess]:
    """Read `access:` of an object that knows these commands; errors are added to `problems`."""
    with problems.of(node):
        found = mapping(node, "a mapping of roles to what they may do")
        if not found:
            raise NodeError("“access” is empty", found, _EXAMPLE)
        for key, value in found.items():
            with problems.of(key):
                yield from _of_role(_acting(key), value, commands, problems)


def _of_role(role: str, node: Node, commands: Sequence[str], problems: Problems) -> Iterator[StatedAccess]:
    if isinstance(node, Scalar):
        word, columns = _verdict(node)
        if columns is not None:
            raise NodeError("columns belong to one command", node, f"For example: {{{role}: {{select: {node}}}}}.")
        if word in _OF_ROWS and not {*commands} & {"select"}:
            raise _impossible(word, commands[0], node)
        if word == NO_ROW:
            raise NodeError(f"“{word}” is about one command", node, f"For example: {{{role}: {{select: {word}}}}}.")
        known = commands if word in {NONE, REFUSED} else [one for one in commands if one in _USUAL]
        yield from (StatedAccess(role=role, command=one, word=word, location=where(node)) for one in known)
        return
    found = mapping(node, f"one of {', '.join(WORDS)}, or a mapping of commands to them")
    if not found:
        raise NodeError(f"nothing is stated for the role {role}", found, _EXAMPLE)
    for key, value in found.items():
        with problems.of(key):
            if key not in commands:
                raise NodeError(f"unknown command {described(key)} of such an object", key, nearest(key, commands))
            yield _of_command(role, str(key), value)


def _of_command(role: str, command: str, node: Node) -> StatedAccess:
    said = text(node, f"one of {', '.join(WORDS)}")
    word, columns = _verdict(said)
    if (word == BY_POLICY and command in {"execute", "truncate"}) or (word == NO_ROW and command not in _HAS_NO_ROW):
        raise _impossible(word, command, said)
    if columns is not None and (command not in _WITH_COLUMNS or word in {NO_ROW, REFUSED, NONE}):
        raise NodeError(f"columns cannot be stated for {command}: {word}", said, "Leave them out.")
    return StatedAccess(role=role, command=command, word=word, location=where(said), columns=columns)


_HAS_NO_ROW = {"select", "update", "delete"}


def _impossible(word: str, command: str, node: Scalar) -> NodeError:
    why = {
        "execute": "row security is about rows.",
        "truncate": "row security does not apply to TRUNCATE.",
        "insert": "a row that no policy lets through is refused (42501).",
    }[command]
    return NodeError(f"{command} cannot be “{word}”: {why}", node, f"Write “{ALL}”, “{REFUSED}” or “{NONE}”.")


def _verdict(said: Scalar) -> tuple[str, frozenset[str] | None]:
    """Read a word, and the columns behind it. Raises NodeError, FragmentError."""
    cut = _COLUMNS.search(said) if "(" in said else None
    word = str(said)[: cut.start()] if cut else str(said)
    if word not in WORDS:
        hint = nearest(word.lower().replace("_", " ").replace("-", " "), WORDS)
        raise NodeError(f"expected one of {', '.join(WORDS)}; found {described(said)}", said, hint)
    if cut is None:
        return word, None
    fragment = Fragment(str(said))
    fragment.expect(*word.split())
    columns = fragment.names()
    fragment.end()
    return word, frozenset(columns)
