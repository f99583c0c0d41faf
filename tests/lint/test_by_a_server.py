"""`lint --embedded`: PostgreSQL judges the SQL of a contract, and what it cannot judge is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lintcases import BROKEN, GOOD, Broken, linted, named, pairs, written
from marks import sampled
from servers import connect
from sessionaudit.lint import judging

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from servers import DatabaseServer
    from sessionaudit.core.report import Report

BY_SERVER = [one for one in BROKEN if one.by_server]
# Those that can be broken at once: none changes the text of another, and what depends on them is not there.
AT_ONCE = (
    "expression of an index",
    "grammar",
    "column of a policy",
    "query of a view",
    "body of a function",
    "column of an invariant",
)
# Publishing some columns, as GOOD does, and setting some to null, as a breakage does, came with PostgreSQL 15.
OF_15 = {
    ("SA004", "publication feed.public.orders"),
    ("SA004", "foreign key public.orders.orders_customer_id_fkey"),
}
# Those whose SQLSTATE is one of grammar.
OF_GRAMMAR = ("grammar", "body of a function", "PL/pgSQL")
UNKNOWN = """\
version: 1
extensions: [not_to_be_had]
tables:
  orders:
    columns: {id: bigint not null, at: timestamptz, place: geometry}
    constraints:
      orders_pkey: primary key (id)
      orders_shop_fkey: foreign key (id) references shops (id)
  unkeyed: {columns: {id: bigint not null}}
  lots:
    columns: {unkeyed_id: bigint}
    constraints: {lots_fkey: foreign key (unkeyed_id) references unkeyed (id)}
  places:
    columns: {id: bigint not null}
    constraints: {places_pkey: primary key (id)}
    policies: {mine: {using: auth.is_mine(id)}}
    triggers: {kept: before insert for each row execute function keep()}
views: {all_shops: select * from shops, of_users: select nickname from auth.users}
invariants:
  no_lost_place: {summary: None is lost, of: places, violations: select place_id from lost_places}
  no_shop: {summary: None is lost, of: shops, violations: select id from places}
"""


def of_older(report: Report, server: DatabaseServer) -> set[tuple[str, str]]:
    """What this server rejects and is told as not known, as the newest one may take it; as if that were found."""
    reason = f"PostgreSQL {server.major} rejects it, and PostgreSQL 18 may not: "
    found = {("SA004", named(one.about[0])) for one in report.undecided if one.reason.startswith(reason)}
    return found if server.major >= 15 else found - OF_15


def divided(names: Iterable[str], server: DatabaseServer) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """What must be found of these breakages, and what an older server must tell as not known instead."""
    known, unknown = set[tuple[str, str]](), set[tuple[str, str]]()
    for one in (one for one in BROKEN if one.name in names):
        (unknown if server.major < 18 and one.name in OF_GRAMMAR else known).update(one.by_server)
    return known, unknown


def test_what_only_an_older_server_rejects_is_not_known(
    tmp_path: Path, server: DatabaseServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect(server.url) as connection:
        monkeypatch.setattr(judging, "_NEWEST", connection.info.server_version // 10000 + 1)
    text = """\
version: 1
tables: {orders: {columns: {id: bigint not null}, constraints: {orders_id_check: check (id >) }}}
"""
    report = linted(written(tmp_path, text), embedded=True)
    assert "SA004" not in {code for code, _ in pairs(report)}
    (unknown,) = (one for one in report.undecided if one.what == "check public.orders.orders_id_check")
    assert "may not: " in unknown.reason
    assert "syntax error" in unknown.reason


@pytest.mark.parametrize("one", sampled(5, BROKEN), ids=lambda one: one.name)
def test_a_server_finds_the_rest(one: Broken, tmp_path: Path, server: DatabaseServer) -> None:
    file = written(tmp_path, GOOD.replace(one.old, one.new))
    without = pairs(linted(file))
    report = linted(file, embedded=True)
    assert (pairs(report) - without, of_older(report, server)) == divided([one.name], server)
    assert without <= pairs(report)


def test_a_server_finds_several_at_once(tmp_path: Path, server: DatabaseServer) -> None:
    text = GOOD
    for one in (one for one in BROKEN if one.name in AT_ONCE):
        assert text.count(one.old) == 1, one.name
        text = text.replace(one.old, one.new)
    report = linted(written(tmp_path, text, repair="update public.orders set total = %(keys)s wher\n"), embedded=True)
    known, unknown = divided(AT_ONCE, server)
    (known if server.major >= 18 else unknown).add(("SA004", "file repairs/orders.sql"))
    assert (pairs(report), of_older(report, server)) == (known, unknown)
    places = [str(one.location) for one in report.findings if one.ref.kind == "file"]
    assert [place.rpartition("/repairs/")[2] for place in places] == ["orders.sql:1"] * (server.major >= 18)


@pytest.mark.thorough
def test_what_is_right_is_found_right(tmp_path: Path, server: DatabaseServer) -> None:
    report = linted(written(tmp_path), embedded=True)
    assert pairs(report) == set()
    assert not report.unchecked
    assert [one.what for one in report.undecided] == ["publication feed.public.orders"] * (server.major < 15)


def test_roles_of_the_contract_are_there_and_the_server_is_named(tmp_path: Path, server: DatabaseServer) -> None:
    text = """\
version: 1
tables: {orders: {owner: shop_owner, columns: {id: bigint not null}, grants: {shop_reader: [select]}}}
views: {all_orders: {query: select id from orders, owner: Shop Reports}}
functions: {f(): "returns bigint language sql as 'select idd from public.orders'"}
"""
    report = linted(written(tmp_path, text), embedded=True)
    assert [one.what for one in report.undecided] == []
    (finding,) = report.findings
    assert 'column "idd" does not exist' in finding.message
    with connect(server.url) as connection:
        version = connection.info.parameter_status("server_version") or ""
    assert report.outcomes[0].told == f"The SQL was judged by a private server, PostgreSQL {version.split()[0]}."


def test_what_a_partial_contract_names_is_no_mistake(tmp_path: Path) -> None:
    report = linted(written(tmp_path, UNKNOWN), embedded=True)
    assert pairs(report) == {("SL103", "foreign key public.orders.orders_shop_fkey")}
    assert {one.what for one in report.undecided} >= {
        "column public.orders.place",
        "foreign key public.lots.lots_fkey",
        "policy public.places.mine",
        "trigger public.places.kept",
        "view public.all_shops",
        "view public.of_users",
        "invariant no_lost_place",
        "invariant no_shop",
    }
