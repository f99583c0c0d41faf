"""What pg_dump says of two databases, side by side."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, NamedTuple

import pytest

from sessionaudit.embedded.binaries import find_binaries
from sessionaudit.sql.text import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ENTRY = re.compile(r"^--\n-- Name: (.*); Type: (.*); Schema: (.*); Owner: (.*)\n--\n", re.MULTILINE)
TABLE = re.compile(r"^(CREATE [^\n]*TABLE [^\n]*\(\n)(.*?)(^\).*)", re.DOTALL | re.MULTILINE)
WITH = re.compile(r"^((?:CREATE VIEW .* )?WITH) \((.*?)\)(?= AS$|;?$)", re.MULTILINE)
ATTACHED = re.compile(r'ATTACH PARTITION \w+\.("(?:[^"]|"")*"|\w+);')
NOT_NULL = re.compile(r' CONSTRAINT (?:"(?:[^"]|"")*"|\w+) NOT NULL')
SETTINGS = re.compile(r"(?:^    SET .*\n)+", re.MULTILINE)
GRANT = re.compile(r"(.*GRANT )([A-Z,]+)( ON .*)")
LINE = re.compile(r'(?:CONSTRAINT |NOT NULL )?(?:"(?:[^"]|"")*"|[^\s"]+)')
OF_TEXTS = re.compile(r"\((ARRAY\[[^\]]*\])\)::text\[\]")
# A dump ends so; from its last versions on it also has a key by which psql knows it, another each time.
END = re.compile(r"^--\n-- PostgreSQL database dump complete\n", re.MULTILINE)


class Entry(NamedTuple):
    """What a dump calls an object."""

    type: str
    schema: str
    name: str
    owner: str


Dump = dict[Entry, str]


def find_program(name: str, major: int) -> str | None:
    """A program of PostgreSQL that works with servers of this version; None if there is none."""
    for folder in (find_binaries().directory, None):
        found = shutil.which(name, path=str(folder) if folder else None)
        if found is None:
            continue
        told = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
        version = re.search(r"(\d+)", told)
        if version and int(version[1]) >= major:
            return found
    return None


def require_program(name: str, major: int) -> str:
    """The same; skips where there is none, which is never so with the embedded package, as that has it."""
    found = find_program(name, major)
    if found is None:
        assert os.environ.get("SESSIONAUDIT_PG_BIN") or os.environ.get("SESSIONAUDIT_TEST_DATABASE_URL")
        pytest.skip(f"this server was packed without {name}, and the machine has none of its version")
    return found


def dump(program: str, url: str) -> Dump:
    """The objects of a database in the words of pg_dump."""
    call = [program, "--schema-only", f"--dbname={url}"]
    text = subprocess.run(call, capture_output=True, text=True, check=True).stdout
    text = END.split(text)[0]
    parts = ENTRY.split(text)
    return {
        Entry(type_, schema, name, owner): _statements(body)
        for name, type_, schema, owner, body in zip(*(parts[at::5] for at in range(1, 6)), strict=True)
    }


def _statements(body: str) -> str:
    """What creates an object, without the settings of the dump's session that stand before it.

    Storage parameters, and settings, stand in the order in which they were set, which says nothing. A list of texts
    with which a varchar is compared is cast as a whole, or each text by itself where the column was a text when it was
    made.
    """
    body = re.sub(r"^SET default_.*\n", "", body, flags=re.MULTILINE).strip()
    body = NOT_NULL.sub(" NOT NULL", body)
    body = WITH.sub(lambda found: f"{found[1]} ({', '.join(sorted(found[2].split(', ')))})", body)
    body = SETTINGS.sub(lambda found: "".join(sorted(found[0].splitlines(keepends=True))), body)
    return OF_TEXTS.sub(r"\1", body.replace("'::character varying", "'::text"))


def differences(wanted: Mapping[Entry, str], before: Mapping[Entry, str], after: Mapping[Entry, str]) -> Iterator[str]:
    """What the repaired database has otherwise than the one that it was to be like.

    What it had `before` by itself it keeps: objects, and columns.
    """
    wanted, before, after = (_without_parts(one) for one in (wanted, before, after))
    foreign = {f"TABLE {entry.name}" for entry in after if entry.type == "FOREIGN TABLE"}
    for entry, text in wanted.items():
        if entry.type == "COMMENT":
            continue  # a snapshot keeps comments as remarks, which state nothing
        if entry.type == "DEFAULT ACL" and entry.schema == "-":
            continue  # nor does it state what roles get in all schemas of all databases
        found = after.get(entry)
        if entry.type == "ACL" and _bare(entry.name) in foreign:
            continue  # no contract states them
        if found is None:
            yield f"lacks {entry}:\n{text}"
        elif found != text and not _same(entry, text, before.get(entry, ""), found):
            yield f"{entry} is\n{found}\nand not\n{text}"
    # A column of its own, as a table has it that inherits it and was made.
    own = tuple(f" {name}" for entry, text in before.items() for name in _own_columns(text, wanted.get(entry, "")))
    for entry, text in before.items():
        if entry.type == "COMMENT" and entry in wanted and after.get(entry) != text:
            yield f"lost {entry}:\n{text}"
    for entry, text in after.items():
        if entry.type == "DEFAULT" and entry.name.endswith(own):
            continue
        if entry not in wanted and entry not in before and _bare(entry.name) not in foreign:
            yield f"has {entry}, which neither had:\n{text}"


def _bare(name: str) -> str:
    """What privileges are on, whose name a dump has in quotes there if it is not a plain one."""
    sort, _, rest = name.partition(" ")
    return f"{sort} {unquote(rest)}"


def _without_parts(found: Mapping[Entry, str]) -> Dump:
    """Without the indexes and keys of partitions that come with those of their parents: PostgreSQL names them."""
    parts = [ATTACHED.search(text) for entry, text in found.items() if entry.type == "INDEX ATTACH"]
    names = {unquote(part[1]) for part in parts if part}
    return {
        entry: text
        for entry, text in found.items()
        if entry.type != "INDEX ATTACH"
        and not (entry.type == "INDEX" and entry.name in names)
        and not (entry.type == "CONSTRAINT" and any(entry.name.endswith(f" {name}") for name in names))
    }


def _same(entry: Entry, wanted: str, before: str, after: str) -> bool:
    if entry.type in {"ACL", "DEFAULT ACL"}:
        grants, there = _grants(wanted), _grants(after)
        # Of roles that the contract does not name there it changes nothing.
        named = {_grantee(line) for line in grants}
        beyond = {line for line in _grants(before) if _grantee(line) not in named}
        # What everybody has, a role has too, whether it is granted by its name or not.
        public = {line for line in grants if re.sub(r" TO .*", " TO PUBLIC;", line) in there}
        return grants - public <= there and there - grants <= beyond
    parts = [TABLE.match(text) for text in (wanted, after)]
    if not all(parts):
        return False
    (head, lines, tail), (found_head, found_lines, found_tail) = (part.groups() for part in parts if part)
    old = TABLE.match(before)
    olds = _names(old[2]) if old else []
    names = _names(lines)
    found = {
        name: line
        for name, line in _lines(found_lines)
        # Where a child table lacks what its parent lacks, both get it: it is the child's own then, too.
        if name in names or (name.startswith(_CONSTRAINT) and not (" NOT NULL " in line and "INHERITS (" in found_tail))
    }
    # A column of its own stays; one that was missing comes last, for PostgreSQL adds it there.
    order = [name for name in olds if name in names] + [name for name in names if name not in olds]
    # PostgreSQL makes no column a generated one, or only with the same values: it comes anew, and so last.
    was = dict(_lines(old[2])) if old else {}
    moved = {name for name, line in _lines(lines) if "GENERATED ALWAYS AS (" in line and was.get(name) != line}
    columns, kept = (
        [name for name in names if name not in moved and not name.startswith(_NOT_COLUMNS)] for names in (found, order)
    )
    return (head, tail, columns, dict(_lines(lines))) == (found_head, found_tail, kept, found)


def _grants(text: str) -> set[str]:
    """What is granted, one privilege to a line: grants are printed in the order in which they were made."""
    found: set[str] = set()
    for line in text.splitlines():
        split = GRANT.match(line.replace("GRANT ALL ON SCHEMA", "GRANT USAGE,CREATE ON SCHEMA"))
        found.update(f"{split[1]}{one}{split[3]}" for one in split[2].split(",")) if split else found.add(line)
    return found


def _grantee(line: str) -> str:
    return line.partition(" TO ")[2].removesuffix(";").removesuffix(" WITH GRANT OPTION")


_CONSTRAINT = "CONSTRAINT "
_NOT_COLUMNS = (_CONSTRAINT, "NOT NULL ")


def _own_columns(text: str, wanted: str) -> list[str]:
    found, other = TABLE.match(text), TABLE.match(wanted)
    names = _names(other[2]) if other else []
    return [name.strip('"') for name in _names(found[2]) if name not in names] if found else []


def _lines(text: str) -> list[tuple[str, str]]:
    """The columns and constraints of a CREATE TABLE, by their names."""
    found = [line.strip() for line in re.split(r",\n    (?! )", text)]
    return [(match[0], line) for line in found if (match := LINE.match(line))]


def _names(text: str) -> list[str]:
    return [name for name, _ in _lines(text)]
