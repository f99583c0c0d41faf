"""Default privileges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from msgspec.structs import replace

from sessionaudit.core.compared import Compared
from sessionaudit.core.kind import Entry, ObjectPath, Scope
from sessionaudit.core.node import Mapping, Node, NodeError, Scalar, flow, known_keys, mapping, name
from sessionaudit.core.ref import Spelled
from sessionaudit.kinds.common import role_grants
from sessionaudit.sql.fragment import Fragment, FragmentError
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sessionaudit.kinds.common.role_grants import RoleGrants

# By PostgreSQL's words after ON, the privileges that there are.
PRIVILEGES = {
    "tables": ("select", "insert", "update", "delete", "truncate", "references", "trigger", "maintain"),
    "sequences": ("usage", "select", "update"),
    "functions": ("execute",),
    "types": ("usage",),
    "schemas": ("usage", "create"),
    "large objects": ("select", "update"),
}
NEWER = frozenset({"maintain"})  # since PostgreSQL 17
EVERYWHERE = Spelled(".*")
_IN_NO_SCHEMA = ("schemas", "large objects")
# What PostgreSQL gives all roles, unless it is revoked for all schemas.
_OF_ALL = ("functions", "types")
_KEY = "what follows ALTER DEFAULT PRIVILEGES, such as: for role app in schema public"


class DefaultPrivileges(Compared, frozen=True, kw_only=True):
    """What roles get on objects that one role creates, by the sort of objects: as the contract or the catalog says.

    `gone` tells that the role does not exist, `stored` that the catalog has something of it, and `grantable` what its
    grantees may grant to others. `own` are the sorts of which the role itself does not get what PostgreSQL gives it.
    """

    aside: ClassVar = frozenset({"own", "stored"})

    grants: tuple[tuple[str, RoleGrants], ...] = ()
    gone: bool = False
    stored: bool = False
    grantable: tuple[tuple[str, RoleGrants], ...] = ()
    own: tuple[str, ...] = ()


def entries(node: Node, _scope: Scope) -> Iterator[Entry]:
    """Read `for role NAME in schema NAME: …`, or `for role NAME: …`. Raises NodeError."""
    for key, value in mapping(node, f"a mapping of {_KEY}").items():
        path = _path(name(key))
        if path[1] != EVERYWHERE and isinstance(value, Mapping):
            for sort in value:
                if sort in _IN_NO_SCHEMA:
                    hint = "PostgreSQL has these for all schemas only: for role NAME."
                    raise NodeError(f"there are no default privileges on {sort} in a schema", sort, hint)
        yield Entry(path, key, value)


def _path(key: Scalar) -> ObjectPath:
    try:
        fragment = Fragment(key)
        fragment.expect("for")
        fragment.one_of("role", "user")
        role, schema = fragment.name("a role"), ""
        if fragment.accept("in"):
            fragment.expect("schema")
            schema = fragment.name("a schema")
        if fragment.peek(","):
            raise fragment.error("one role and one schema", "Write an entry for each.")
        fragment.end("“in schema NAME”, or the end")
    except FragmentError as error:
        raise NodeError(f"{error}, in {_KEY}", key, error.hint, error.offset) from None
    if schema == EVERYWHERE:
        raise NodeError("default privileges in a schema of this name cannot be stated", key)
    return (role, schema or EVERYWHERE)


def spell_key(path: ObjectPath) -> str:
    """The key of an entry: what follows ALTER DEFAULT PRIVILEGES."""
    role, schema = path
    return f"for role {quoted(role)}{'' if schema == EVERYWHERE else f' in schema {quoted(schema)}'}"


def respell(path: ObjectPath) -> ObjectPath:
    """The path with the mark for all schemas, which is no name."""
    return (path[0], EVERYWHERE) if path[1] == EVERYWHERE else path


def read(node: Node, _schema: str) -> DefaultPrivileges:
    """Read an entry of `default_privileges:`: a mapping of sorts of objects to the privileges of roles."""
    found = mapping(node, f"a mapping of {', '.join(PRIVILEGES)} to the privileges of roles")
    known_keys(found, PRIVILEGES, "default privileges")
    return DefaultPrivileges(
        grants=tuple(
            sorted(
                (str(sort), role_grants.read(said, PRIVILEGES[sort], str(sort), NEWER)) for sort, said in found.items()
            )
        )
    )


def load(row: tuple[Any, ...], _schema: str) -> DefaultPrivileges:
    """Make DefaultPrivileges of a row of the catalog query."""
    gone, stored, grants, grantable, everywhere, own = row
    found = _by_sort(grants)
    for sort in _OF_ALL if everywhere and not gone else ():
        if "public" not in dict(found.get(sort, ())):
            found[sort] = (*found.get(sort, ()), ("public", frozenset()))
    return DefaultPrivileges(
        grants=tuple(sorted((sort, tuple(sorted(said))) for sort, said in found.items())),
        gone=gone,
        stored=stored,
        grantable=tuple(sorted(_by_sort(grantable).items())),
        own=tuple(own),
    )


def _by_sort(items: list[str]) -> dict[str, RoleGrants]:
    found: dict[str, list[str]] = {}
    for item in items:
        sort, _, said = item.partition(":")
        found.setdefault(sort, []).append(said)
    return {sort: role_grants.load(said) for sort, said in found.items()}


def lacking(expected: DefaultPrivileges, actual: DefaultPrivileges) -> dict[str, dict[str, frozenset[str]]]:
    """By sort, what roles should get and do not, by their own names or through PUBLIC."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    for sort, said in expected.grants:
        there = dict(dict(actual.grants).get(sort, ()))
        everybody = there.get("public", frozenset[str]())
        found[sort] = role_grants.less(said, {name: there.get(name, frozenset[str]()) | everybody for name, _ in said})
    return {sort: roles for sort, roles in found.items() if roles}


def excess(expected: DefaultPrivileges, actual: DefaultPrivileges) -> dict[str, dict[str, frozenset[str]]]:
    """By sort, what roles that the contract names get beyond that."""
    return _beyond(expected, actual.grants, named=True)


def others(expected: DefaultPrivileges, actual: DefaultPrivileges) -> dict[str, dict[str, frozenset[str]]]:
    """By sort, what roles get that the contract does not name there."""
    return _beyond(expected, actual.grants, named=False)


def passed_on(expected: DefaultPrivileges, actual: DefaultPrivileges) -> dict[str, dict[str, frozenset[str]]]:
    """By sort, what roles that the contract names get with the right to grant it to others."""
    wanted = dict(expected.grants)
    found = {
        sort: {name: words for name, words in said if name in dict(wanted[sort])}
        for sort, said in actual.grantable
        if sort in wanted
    }
    return {sort: roles for sort, roles in found.items() if roles}


def regranted(
    expected: DefaultPrivileges,
    found: dict[str, dict[str, frozenset[str]]],
    change: Callable[[RoleGrants, dict[str, frozenset[str]]], RoleGrants],
) -> DefaultPrivileges:
    """What is expected, with the grants of each sort changed by what was found of it."""
    return replace(expected, grants=tuple((sort, change(said, found.get(sort, {}))) for sort, said in expected.grants))


def taking_back(expected: DefaultPrivileges, actual: DefaultPrivileges) -> DefaultPrivileges:
    """The actual ones, which also state the roles that they give nothing and the expected ones do."""
    wanted, there = dict(expected.grants), dict(actual.grants)
    found = {sort: role_grants.with_all_of(wanted.get(sort, ()), there.get(sort, ())) for sort in {*wanted, *there}}
    return replace(actual, grants=tuple(sorted(found.items())))


def _beyond(
    expected: DefaultPrivileges, grants: tuple[tuple[str, RoleGrants], ...], *, named: bool
) -> dict[str, dict[str, frozenset[str]]]:
    there = dict(grants)
    found: dict[str, dict[str, frozenset[str]]] = {}
    for sort, said in expected.grants:
        wanted = {name: _with_newer(sort, words) for name, words in said}
        found[sort] = role_grants.less([one for one in there.get(sort, ()) if (one[0] in wanted) is named], wanted)
    return {sort: roles for sort, roles in found.items() if roles}


def _with_newer(sort: str, words: frozenset[str]) -> frozenset[str]:
    """Privileges, with those of newer servers where they are all of the others."""
    return words | (NEWER & frozenset(PRIVILEGES[sort])) if words >= frozenset(PRIVILEGES[sort]) - NEWER else words


def spell(privileges: DefaultPrivileges) -> dict[str, Any]:
    """Default privileges as the contract writes them."""
    said = dict(privileges.grants)
    return {sort: role_grants.spelled(said[sort], words) for sort, words in PRIVILEGES.items() if sort in said}


def show(privileges: DefaultPrivileges) -> str:
    """Default privileges as the contract writes them, on one line."""
    return f"{{{', '.join(f'{sort}: {flow(roles)}' for sort, roles in spell(privileges).items())}}}"


def told(found: dict[str, dict[str, frozenset[str]]], verb: str) -> str:
    """Say who gets, or does not get, what on objects of which sort."""
    return "; ".join(f"{role_grants.told(roles, PRIVILEGES[sort], verb)} on {sort}" for sort, roles in found.items())
