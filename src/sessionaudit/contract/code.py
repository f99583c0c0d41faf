"""Read the `code:` section: the source code of the application, and what is known of its clients."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.contract.file_names import file_name
from sessionaudit.core.node import Mapping, Node, NodeError, Scalar, known_keys, mapping, one_of, sequence, text
from sessionaudit.core.place import where
from sessionaudit.core.streams import base_of
from sessionaudit.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.core.finding import Location

KEYS = ("paths", "exclude", "tests", "schemas", "clients", "best_effort")
_PATHS = "a list of directories and files, such as [src, supabase/functions]"
_EXAMPLE = "For example: {paths: [src]}."
_RELATIVE = "It is relative to the file of the contract."


class DeclaredCode(Struct, frozen=True, kw_only=True):
    """Where the code is, and what the contract says of it.

    `paths` are relative to the directory of the main file; `exclude` are globs of files below them. `tests` tells
    whether the files of tests are read. `schemas` are those that the API exposes; none means that of the contract.
    `clients` has the role of each client, by the name of its variable. `best_effort` are globs of tables that are
    written on a best-effort basis, as those of logs.
    """

    location: Location
    paths: tuple[Scalar, ...]
    exclude: tuple[str, ...] = ()
    tests: bool = False
    schemas: tuple[str, ...] = ()
    clients: tuple[tuple[str, str], ...] = ()
    best_effort: tuple[str, ...] = ()


def read(node: Node) -> DeclaredCode:
    """Read the section. Raises NodeError."""
    found = mapping(node, "a mapping with paths")
    known_keys(found, KEYS, "code")
    fields = {str(key): value for key, value in found.items()}
    if "paths" not in fields:
        raise NodeError("“code” needs “paths”: the directories of the source code", found, _EXAMPLE)
    return DeclaredCode(
        location=where(found),
        paths=tuple(_paths(fields["paths"])),
        exclude=_words(fields, "exclude", "a list of globs, such as ['**/*.generated.ts']"),
        tests=one_of(fields["tests"], ("true", "false")) == "true" if "tests" in fields else False,
        schemas=_words(fields, "schemas", "a list of schemas, such as [public, api]"),
        clients=tuple(_clients(fields["clients"])) if "clients" in fields else (),
        best_effort=_words(fields, "best_effort", "a list of globs of tables, such as [notifications, '*_log']"),
    )


def paths_of(file: str, declared: DeclaredCode) -> tuple[Path, ...]:
    """Return the directories and files of the code; the contract's main file is `file`. Raises ContractError."""
    return tuple(_existing(file, name) for name in declared.paths)


def _existing(file: str, name: Scalar) -> Path:
    try:
        path = base_of(Path(file)) / name
        if path.exists():
            return path
    except (OSError, ValueError):  # a NUL, or a name that is too long
        raise ContractError(f"cannot read {str(name)!r}: this is not a file name", location=where(name)) from None
    raise ContractError(f"the path of code {name} does not exist", location=where(name), hint=_RELATIVE)


def _paths(node: Node) -> Iterator[Scalar]:
    items = sequence(node, _PATHS)
    if not items:
        raise NodeError("“paths” is empty", node, _EXAMPLE)
    for item in items:
        said = file_name(item)
        if said.startswith("/"):
            raise NodeError(f"{said} is an absolute path", item, _RELATIVE)
        yield said


def _words(fields: dict[str, Node], key: str, expected: str) -> tuple[str, ...]:
    if key not in fields:
        return ()
    return tuple(str(text(item, "a text")) for item in sequence(fields[key], expected))


def _clients(node: Node) -> Iterator[tuple[str, str]]:
    found: Mapping = mapping(node, "a mapping of variables to roles, such as {supabaseAdmin: service_role}")
    for key, value in found.items():
        yield str(key), str(text(value, "a role"))
