"""Read the `migrations:` section: the folder of migrations, and how they are run and recorded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from sessionaudit.audits.migrations.ledgers import LEDGERS
from sessionaudit.contract.file_names import file_name
from sessionaudit.core.node import Node, NodeError, Scalar, known_keys, mapping, nearest, text
from sessionaudit.core.place import where
from sessionaudit.core.streams import base_of
from sessionaudit.errors import ContractError
from sessionaudit.sql.fragment import Fragment, FragmentError

if TYPE_CHECKING:
    from sessionaudit.core.finding import Location
    from sessionaudit.core.kind import ObjectPath

KEYS = ("folder", "tool", "platform", "seed", "replay", "ledger")
REPLAY_KEYS = ("command",)
TOOLS = tuple(sorted(ledger.name for ledger in LEDGERS))
PLATFORMS = ("none", "supabase")
_EXAMPLE = "For example: {folder: supabase/migrations}."
_RELATIVE = "It is relative to the file that names it."


class DeclaredMigrations(Struct, frozen=True, kw_only=True):
    """Where the migrations are, and what the contract says of them.

    `folder` and `seed` are relative to the directory of the main file. `tool` and `platform` are "" where the contract
    does not say; `platform` is "none" where it says that there is none. `command` makes the private database what the
    migrations make it. `ledger` is the table that says what was applied. `places` has where each of them is stated.
    """

    location: Location
    folder: Scalar
    tool: str = ""
    platform: str = ""
    seed: Scalar | None = None
    command: Scalar | None = None
    ledger: ObjectPath | None = None
    places: tuple[tuple[str, Location], ...] = ()

    def place(self, key: str) -> Location:
        """Return where a key is stated, else where the section is."""
        return dict(self.places).get(key, self.location)


def read(node: Node, schema: str) -> DeclaredMigrations:
    """Read the section. Raises NodeError."""
    found = mapping(node, "a mapping with folder")
    known_keys(found, KEYS, "migrations")
    fields = {str(key): value for key, value in found.items()}
    if "folder" not in fields:
        raise NodeError("“migrations” needs a “folder”: the directory of the migrations", found, _EXAMPLE)
    return DeclaredMigrations(
        location=where(found),
        folder=_path(fields["folder"]),
        tool=_word(fields["tool"], TOOLS, "tool") if "tool" in fields else "",
        platform=_word(fields["platform"], PLATFORMS, "platform") if "platform" in fields else "",
        seed=_path(fields["seed"]) if "seed" in fields else None,
        command=_command(fields["replay"]) if "replay" in fields else None,
        ledger=_table(fields["ledger"], schema) if "ledger" in fields else None,
        places=tuple((key, where(value)) for key, value in fields.items()),
    )


def path_of(file: str, name: Scalar) -> Path:
    """Return the path of a folder or a file that the section names; the contract's main file is `file`.

    Raises ContractError.
    """
    try:
        path = base_of(Path(file)) / name
        path.exists()
    except (OSError, ValueError):  # a NUL, or a name that is too long
        raise ContractError(f"cannot read {str(name)!r}: this is not a file name", location=where(name)) from None
    return path


def folder_of(file: str, declared: DeclaredMigrations) -> Path:
    """Return the folder of the migrations. Raises ContractError if it is not there."""
    path = path_of(file, declared.folder)
    if not path.is_dir():
        reason = "is not a directory" if path.exists() else "does not exist"
        place = declared.place("folder")
        by_option = "" if path.is_absolute() else "It is relative to the current directory."
        hint = _RELATIVE if place.line else by_option
        raise ContractError(f"the folder of migrations {declared.folder} {reason}", location=place, hint=hint)
    return path


def _path(node: Node) -> Scalar:
    said = file_name(node)
    if said.startswith("/"):
        raise NodeError(f"{said} is an absolute path", node, _RELATIVE)
    if not said.strip("./ "):
        return said if said in {".", "..", "./", "../"} else _no_name(node)
    return said


def _no_name(node: Node) -> Scalar:
    raise NodeError("expected the name of a file or a directory", node, _RELATIVE)


def _word(node: Node, words: tuple[str, ...], what: str) -> str:
    said = text(node, f"a {what}: {', '.join(words)}")
    if said not in words:
        raise NodeError(f"unknown {what} “{said}”", node, nearest(said, words))
    return str(said)


def _command(node: Node) -> Scalar:
    found = mapping(node, "a mapping with command, such as {command: alembic upgrade head}")
    known_keys(found, REPLAY_KEYS, "replay")
    for key, value in found.items():
        if key == "command":
            said = text(value, "a command, such as “alembic upgrade head”")
            if not said.strip():
                raise NodeError("the command is empty", value)
            return said
    raise NodeError("“replay” needs a “command”", found, "For example: {command: alembic upgrade head}.")


def _table(node: Node, schema: str) -> ObjectPath:
    said = text(node, "a table, such as “public.schema_migrations”")
    try:
        fragment = Fragment(said)
        path = fragment.qualified(schema, "a table")
        fragment.end("the end: one table")
    except FragmentError as error:
        raise NodeError(str(error), said, error.hint, error.offset) from None
    return path
