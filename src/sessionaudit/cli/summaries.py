"""What the help says of each command in one line, so that the list of them loads none."""

from __future__ import annotations

# Below 64 characters, so that none is cut at 80 columns.
SUMMARIES: dict[str, dict[str, str]] = {
    "See what is wrong": {
        "check": "Compare the database with the contract, and report what differs.",
        "access": "Show what each role may do with each table, view and function.",
        "probe": "Try what users do, step by step, as the roles that do it.",
        "migrations": "Compare the migration files, their ledger and the database.",
        "scan": "Find the queries in source code that fail on the database.",
        "report": "Print a saved report in another format, or compare two.",
        "trace": "Tell the story of one row: what is there, what is missing, why.",
    },
    "Put it right": {
        "repair": "Print or apply the SQL that repairs what check finds.",
        "backfill": "Create the rows that an invariant lacks, or list what breaks it.",
        "undo": "Take back what a backfill has done.",
    },
    "Write the contract": {
        "snapshot": "Write the contract of a database as it is, or update one.",
        "lint": "Find what is wrong with a contract itself; needs no database.",
    },
    "Learn": {
        "doctor": "Show what this role can do here, and what each command lacks.",
        "rule": "Explain rules, or list all of them.",
        "demo": "Show all of this on a broken system; needs no database.",
        "help": "Show the help of a command.",
    },
}


def command_names() -> list[tuple[str, str]]:
    """Return each command with its line."""
    return [row for rows in SUMMARIES.values() for row in rows.items()]
