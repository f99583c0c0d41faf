"""Who connects, and which settings its sessions have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessionaudit.doctor.asking import one_row, reading, rows
from sessionaudit.doctor.diagnosis import WRITING, Symptom, Weight
from sessionaudit.sql.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessionaudit.postgres.connection import Connection

_TOPIC = "role"
_SETTINGS = "settings"
_SHOWN = (
    *("default_transaction_isolation", "default_transaction_read_only", "idle_in_transaction_session_timeout"),
    *("lock_timeout", "row_security", "search_path", "session_replication_role", "statement_timeout"),
    *("transaction_timeout",),
)
_MOST_NAMES = 8


def remarks(connection: Connection, timeout: float) -> Iterator[Symptom]:
    """Yield what is to be said of the role and of the settings. Raises DatabaseError."""
    settings = rows(connection, "settings.sql", {"names": [*_SHOWN]})  # which a transaction of ours changes
    with reading(connection, timeout, "asking for the role"):
        role = one_row(connection, "role.sql")
    yield _who(role)
    if role["member_of"]:
        yield Symptom(topic=_TOPIC, name="membership", weight=Weight.FACT, fact=_memberships(role))
    for name, value, source in settings:
        yield _setting(name, value, source, role["name"])


def _who(role: dict[str, Any]) -> Symptom:
    name, connected = role["name"], role["connected"]
    who = f"The role is {quoted(name)}" + (f", which {quoted(connected)} takes on" if name != connected else "")
    if role["superuser"]:
        return Symptom(
            topic=_TOPIC,
            name="role",
            weight=Weight.NOTE,
            fact=f"{who}: a superuser.",
            consequence="It may do everything, and the contract's SQL runs as it. For a contract that you did not "
            "write, name a role without privileges with --role.",
        )
    more = [word for word, has in (("BYPASSRLS", role["bypasses"]), ("CREATEROLE", role["makes_roles"])) if has]
    end = f"no superuser, with {' and '.join(more)}" if more else "no superuser, and subject to row security"
    return Symptom(topic=_TOPIC, name="role", weight=Weight.FINE, fact=f"{who}: {end}.")


def _memberships(role: dict[str, Any]) -> str:
    names = [quoted(one) for one in role["member_of"]]
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"It is a member of {', '.join(names[:_MOST_NAMES])}{more}."


def _setting(name: str, value: str, source: str, role: str) -> Symptom:
    fact = f"{name} is {value or 'empty'} (from {_SOURCES.get(source, source)})."
    if name == "default_transaction_read_only" and value == "on":
        return Symptom(
            topic=_SETTINGS,
            name=name,
            weight=Weight.LACK,
            fact=fact,
            consequence="Nothing can be changed over this connection.",
            sql=(f"alter role {quoted(role)} set default_transaction_read_only = off;",),
            needed_by=WRITING,
        )
    if name == "session_replication_role" and value != "origin":
        return Symptom(
            topic=_SETTINGS,
            name=name,
            weight=Weight.NOTE,
            fact=fact,
            consequence="Triggers and foreign keys do not act on what this role writes.",
            sql=(f"alter role {quoted(role)} reset session_replication_role;",),
        )
    return Symptom(topic=_SETTINGS, name=name, weight=Weight.FACT, fact=fact, consequence=_OWN.get(name, ""))


_SOURCES = {
    "default": "PostgreSQL",
    "configuration file": "the server",
    "command line": "the server",
    "environment variable": "the server",
    "database": "the database",
    "user": "the role",
    "database user": "the role in this database",
    "client": "the connection",
    "session": "the session",
    "override": "the server",
}
_OWN = {
    "statement_timeout": "Each transaction sets its own (--statement-timeout).",
    "lock_timeout": "Each transaction sets its own.",
    "idle_in_transaction_session_timeout": "Each transaction switches it off.",
    "transaction_timeout": "Each transaction switches it off.",
    "search_path": "Each transaction sets its own.",
    "default_transaction_isolation": "Each transaction states its own.",
}
