"""A saved plan belongs to one database of one server, whatever others have its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from clusters import made_anew
from mending import ALL, run_plan
from servers import connect, with_database
from sessionaudit.embedded.server import FAST_SETTINGS, temporary_server
from sessionaudit.errors import ChangedError
from sessionaudit.postgres.connection import connect as open_connection
from sessionaudit.postgres.identity import elsewhere, place
from sessionaudit.repair import propose, saved_plan, saved_proposal
from sessionaudit.repair.apply import StepOutcome

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

HERE = {"database": "shop", "oid": 7, "system": "1", "timeline": "00000001", "relations": {"public.t": 70}}
UNREAD = {**HERE, "system": None, "timeline": None}
SERVER, COPY = (
    "the server, which is a different one",
    "the server, which is a copy of the original, or a standby that was promoted",
)
PLACES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "the same": (HERE, HERE, ""),
    "renamed": (HERE, {**HERE, "database": "store"}, ""),
    "another server": (HERE, {**HERE, "system": "2"}, SERVER),
    "another database of its name": (HERE, {**HERE, "oid": 8}, "the database shop, which is a different one"),
    "a copy of the server": (HERE, {**HERE, "timeline": "00000002"}, COPY),
    "a standby, whose timeline cannot be read": (HERE, {**HERE, "timeline": None}, ""),
    "its table made anew": (HERE, {**HERE, "relations": {"public.t": 71}}, ""),
    "unread, the same": (UNREAD, HERE, ""),
    "unread, another name": (UNREAD, {**HERE, "database": "store"}, "the database shop, which is a different one"),
    "unread, another oid": (UNREAD, {**HERE, "oid": 8}, "the database shop, which is a different one"),
    "unread, another table": (HERE, {**UNREAD, "relations": {"public.t": 71}}, "public.t, which is another relation"),
    "unread, its table gone": (HERE, {**UNREAD, "relations": {}}, ""),
}


@pytest.mark.parametrize(("there", "here", "told"), PLACES.values(), ids=PLACES)
def test_places_are_told_apart(there: dict[str, Any], here: dict[str, Any], told: str) -> None:
    found = ", ".join(elsewhere(there, here))
    assert found.startswith(told)
    assert bool(found) == bool(told)


@pytest.fixture(scope="module")
def other() -> Generator[str]:
    """The URL of another server."""
    with made_anew(), temporary_server(settings=FAST_SETTINGS) as running:
        yield running.url()


def made(url: str, folder: Path) -> tuple[Path, str]:
    """A table that lacks a column, and the plan that adds it, as a file."""
    contract = folder / "contract.yaml"
    contract.write_text("version: 1\ntables: {t: {columns: {id: int, lost: text}}}\n", encoding="utf-8")
    with connect(url) as connection:
        connection.execute("create table t (id int)")
    proposal = propose.propose(url, contract, ALL)
    return contract, saved_proposal.dump(proposal, contract)


def test_a_plan_is_refused_on_another_server(database: str, other: str, tmp_path: Path) -> None:
    contract, text = made(database, tmp_path)
    (tmp_path / "plan.json").write_text(text, encoding="utf-8")
    name = database.rpartition("/")[2].partition("?")[0]
    with connect(other) as connection:
        connection.execute(f"create database {name}".encode())
    there = with_database(other, name)
    with connect(there) as connection:
        connection.execute("create table t (id int)")
    saved = saved_plan.load(tmp_path / "plan.json")
    with pytest.raises(ChangedError, match="the server, which is a different one"):
        saved_proposal.recall(there, contract, ALL, saved)
    records = run_plan(database, saved_proposal.recall(database, contract, ALL, saved))
    assert {record.outcome for record in records} == {StepOutcome.APPLIED}


@pytest.mark.parametrize("hidden", [False, True], ids=["read", "kept to itself"])
def test_a_plan_is_refused_where_the_database_was_made_anew(other: str, tmp_path: Path, hidden: bool) -> None:
    """Also where the role may not read by what the server is known."""
    with connect(other) as connection:
        connection.execute("create database shop")
    url = with_database(other, "shop")
    contract, text = made(url, tmp_path)
    (tmp_path / "plan.json").write_text(text, encoding="utf-8")
    with connect(other) as connection:
        connection.execute("drop database shop with (force)")
        connection.execute("create database shop")
    with connect(url) as connection:
        connection.execute("create table t (id int)")
        connection.execute("create role limited")
        connection.execute("grant limited to current_user")
        if hidden:
            connection.execute("revoke execute on function pg_control_system() from public")
            connection.execute("revoke execute on function pg_walfile_name(pg_lsn) from public")
    with open_connection(url) as connection:
        connection.execute("set role limited")
        here = place(connection, [("public", "t"), ("public", "nothing")])
    assert (here["system"] is None, here["timeline"] is None) == (hidden, hidden)
    assert [*here["relations"]] == ["public.t"]
    saved = saved_plan.load(tmp_path / "plan.json")
    with pytest.raises(ChangedError, match="the database shop, which is a different one"):
        saved_proposal.recall(url, contract, ALL, saved)
    with connect(other) as connection:
        connection.execute("drop database shop with (force)")
        connection.execute("drop role limited")
