"""Create the session-request system, as it should be and as it was found."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from sessionaudit.contract import FOR_EDITORS
from sessionaudit.demo import application_files, history
from sessionaudit.embedded.replay import SUPABASE
from sessionaudit.embedded.stated_address import stated_address
from sessionaudit.sql.text import sent

if TYPE_CHECKING:
    from sessionaudit.embedded.server import Server

_HERE = Path(__file__).parent
_MODELINE = re.compile(r"^# yaml-language-server: .*")  # names a file of this repository, which no other project has
GOOD = ("platform", "system", "data")
BROKEN = (*GOOD, "faults")
RECORDED = (*BROKEN, "ledger")  # with the table that says that all migrations are applied
STARTING = "Starting a temporary PostgreSQL server …"
STUCK = "62e91166-c36b-4bd5-bc51-5b168f1bd176"  # the session whose customer waits
UNKNOWN = "public.session_participants.display_name"  # a required column that the contract does not name

# Statements that only a person can decide on: a customer who has waited since October has left, and a request whose
# session was deleted is of no use.
DECISIONS = (
    "update public.sessions set status = 'cancelled' where id = '42a82365-0692-426f-b63a-c76103d4cbaf'",
    "update public.session_requests set status = 'cancelled'"
    " where id in ('3abed224-d019-416a-84a2-4022cf361d70', 'dda74fd0-cf0c-4f94-b9fc-6f629a3be75d')",
)


# How somebody changes the good system without the contract.
CHANGE = "alter table public.session_participants alter column role drop not null"


# What the contract says where there is a folder of migrations. The contract itself tells what should be.
_MIGRATIONS = f"""  drift-from-migrations: ignore

# Files, ledger and database are compared: why is something not there?
migrations: {{folder: {history.FOLDER}}}

# Is every query in the code right, and who would hear of it if one failed?
code: {{paths: [{application_files.FOLDER}/src]}}
"""


def decide(url: str, folder: Path) -> None:
    """Run the DECISIONS in one transaction, and correct the files of a project's directory and its ledger."""
    with psycopg.connect(url) as connection:
        for statement in (*DECISIONS, history.RENUMBER):
            connection.execute(sent(statement))
    history.correct(folder / history.FOLDER)
    application_files.correct(folder / application_files.FOLDER)


def change(url: str) -> None:
    """Run the CHANGE."""
    with psycopg.connect(url) as connection:
        connection.execute(sent(CHANGE))


def contract() -> Path:
    """Return the contract of the system: beside this module if installed, at the top of a checkout."""
    installed = _HERE / "expected_schema.yaml"
    found = installed if installed.exists() else _HERE.parents[2] / "expected_schema.yaml"
    return found.relative_to(Path.cwd()) if found.is_relative_to(Path.cwd()) else found


def write_project(folder: Path) -> None:
    """Fill a directory with what a project has: contract, SQL that repairs rows, broken migrations and broken code."""
    source = contract()
    text = _MODELINE.sub(FOR_EDITORS, source.read_text(encoding="utf-8"))
    (folder / source.name).write_text(text + _MIGRATIONS, encoding="utf-8")
    shutil.copytree(source.parent / "repairs", folder / "repairs")
    history.write_broken(folder / history.FOLDER)
    application_files.write_broken(folder / application_files.FOLDER)


def statements(parts: tuple[str, ...]) -> list[str]:
    """Return the SQL of GOOD or BROKEN, one text for each part."""
    return [_statements(part) for part in parts]


def _statements(part: str) -> str:
    if part == "system":
        return "\n".join(("set role app_owner;", *history.texts().values(), "reset role;"))
    return (SUPABASE if part == "platform" else _HERE / f"{part}.sql").read_text(encoding="utf-8")


def create(server: Server, database: str, parts: tuple[str, ...]) -> str:
    """Create a database with the system, and return its URL."""
    with psycopg.connect(stated_address(server.url()), autocommit=True) as connection:
        connection.execute(sent(f'create database "{database}"'))
    with psycopg.connect(stated_address(server.url(database)), autocommit=True) as connection:
        for text in statements(parts):
            connection.execute(sent(text))
    return server.url(database)
