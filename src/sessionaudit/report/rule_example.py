"""The example of each rule, as `scripts/rule_pages.py` has run it."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct, json

FILE = Path(__file__).with_name("rule_examples.json")


class Example(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A contract and a database that differ, what `command` prints of it, and what repairs it.

    `contract` is its YAML, `database` the SQL that makes the database, `other` that which makes the one to compare
    with. `files` are further files, by their names. `finding` is the page as printed, 80 wide. `repair` is the command
    that prints the statements `sql`, and `accept` the one that states in the contract what the database has; "" if none
    does. `object` is how a waiver names the finding's object; "" if no waiver accepts it.
    """

    contract: str = ""
    database: str = ""
    other: str = ""
    files: dict[str, str] = {}
    command: str
    finding: str
    repair: str = ""
    sql: list[str] = []
    accept: str = ""
    object: str = ""


def all_examples() -> dict[str, Example]:
    """Read the examples, by the name of the rule."""
    return json.decode(FILE.read_bytes(), type=dict[str, Example])


def spelled(examples: dict[str, Example]) -> str:
    """Spell the file of examples."""
    return json.format(json.encode(examples), indent=1).decode() + "\n"
