"""What the role of a client may do: privileges, row security, and policies that refer to themselves."""

from __future__ import annotations

from contextlib import closing, nullcontext
from typing import TYPE_CHECKING

import msgspec
import psycopg
import pytest

from code_requests import Written, rpc, table
from sessionaudit.audits.code.judge import judge
from sessionaudit.audits.code.model import CodeClient, CodeStatement, Fate, Span
from sessionaudit.audits.code.roles import SentAs, sent_as
from sessionaudit.audits.code.schema_cache.reading import read_cache
from sessionaudit.postgres.connection import connect, limit

if TYPE_CHECKING:
    from collections.abc import Generator

    from conftest import Template
    from servers import DatabaseServer
    from sessionaudit.audits.code.model import CodeRequest
    from sessionaudit.audits.code.schema_cache.model import SchemaCache
    from sessionaudit.postgres.connection import Connection

# Roles belong to the whole server.
ROLES = """
do $$
declare
  wanted record;
begin
  for wanted in
    select * from (values ('code_customer', ''), ('code_nobody', ''), ('code_service', 'bypassrls')) v (a, b)
  loop
    begin
      execute format('create role %I %s', wanted.a, wanted.b);
    exception when duplicate_object or unique_violation then null;
    end;
  end loop;
end $$;
"""
SCHEMA = """
create table public.open (id integer primary key, note text, secret text);
create table public.owned (id integer primary key, owner uuid, note text, open_id integer references public.open);
create table public.shut (id integer primary key, open_id integer references public.open);
create table public.looping (id integer primary key, role text);
create table public.falsely (id integer primary key);
grant select (id, note), insert on public.open to code_customer;
grant all on public.owned, public.shut, public.looping, public.falsely to code_customer;
grant all on public.open, public.owned, public.shut to code_service;
alter table public.owned enable row level security;
create policy see on public.owned for select to code_customer using (owner is not null);
create policy change on public.owned for update to code_customer using (owner is not null);
create policy make on public.owned for insert to code_customer with check (owner is not null);
alter table public.shut enable row level security;
alter table public.looping enable row level security;
create policy look on public.looping for select
  using (exists (select from public.looping l where l.role = 'admin'));
alter table public.falsely enable row level security;
create policy never on public.falsely using (false);
create function public.closed() returns integer language sql as $$ select 1 $$;
revoke execute on function public.closed() from public;
grant execute on function public.closed() to code_service;
create table public.numbered (id serial primary key, always integer generated always as identity, note text);
create table public.filled (id integer primary key, number integer default public.closed(), note text);
create table public.checked (id integer primary key, note text, check (public.closed() = 1));
create table public.guarded (id integer primary key, note text);
alter table public.guarded enable row level security;
create policy guard on public.guarded for select using (id = public.closed());
create policy fill on public.guarded for insert with check (true);
grant select (id), insert, update (note) on public.numbered to code_customer;
grant all on public.filled, public.checked, public.guarded to code_customer;
grant all on public.numbered, public.guarded to code_service;
create schema walled;
create table walled.kept (id integer);
create materialized view public.kept as select 1 as id;
grant all on public.kept to code_customer;
"""
# Views have the rights of whoever reads them from PostgreSQL 15 on.
INVOKED = """
do $$ begin
  if current_setting('server_version_num')::integer >= 150000 then
    create view public.invoked with (security_invoker) as select id, secret from public.open;
    create view public.above with (security_invoker = on) as select id from public.invoked;
    create view public.guarding with (security_invoker) as select id from public.shut;
    create view public.permitted with (security_invoker) as select id, note from public.open;
  else
    create view public.invoked as select 1 as id;
    create view public.above as select 1 as id;
    create view public.guarding as select 1 as id;
    create view public.permitted as select 1 as id;
  end if;
  create view public.owners as select id, secret from public.open;
  grant all on public.invoked, public.above, public.guarding, public.permitted, public.owners to code_customer;
end $$;
"""


@pytest.fixture(scope="module")
def bench(server: DatabaseServer, template: Template) -> Generator[tuple[Connection, SchemaCache]]:
    url = server.create(template("rights of code", [ROLES, SCHEMA, INVOKED]))
    with closing(connect(url)) as connection:
        connection.execute("begin read only")
        limit(connection, 30, 1)
        yield connection, read_cache(connection, ["public"])
    server.drop(url)


def told(bench: tuple[Connection, SchemaCache], written: Written, *roles: str) -> list[str]:
    connection, cache = bench

    def roles_of(request: CodeRequest) -> SentAs:
        return SentAs(roles, stated=len(roles) == 1)

    found = judge(connection, [written.request()], cache, roles_of=roles_of)
    return [f"{one.rule.name} {one.state} {written.word(one.at)}".replace("  ", " ") for one in found.verdicts]


REFUSED = "missing-privilege-in-code 42501 open"
CASES: dict[str, tuple[str, Written, list[str]]] = {
    "service": ("code_service", table("shut").select("*,open(*)"), []),
    "columns": ("code_customer", table("open").select("id,note").eq("id", 1), []),
    "every column": ("code_customer", table("open").select("*"), ["missing-privilege-in-code 42501 open"]),
    "a column": ("code_customer", table("open").select("id,secret"), ["missing-privilege-in-code 42501 open"]),
    "a column to filter": (
        "code_customer",
        table("open").select("id").eq("secret", "x"),
        ["missing-privilege-in-code 42501 open"],
    ),
    "insert": ("code_customer", table("open").insert({"id": 1}), []),
    "insert and read all": (
        "code_customer",
        table("open").insert({"id": 1}).select(),
        ["missing-privilege-in-code 42501 open"],
    ),
    "update": (
        "code_customer",
        table("open").update({"note": "x"}).eq("id", 1),
        ["missing-privilege-in-code 42501 open"],
    ),
    "nobody": ("code_nobody", table("open").select("id"), ["missing-privilege-in-code 42501 open"]),
    "rows by policy": ("code_customer", table("owned").select("*,open(id,note)"), []),
    "insert by policy": ("code_customer", table("owned").insert({"id": 1}), []),
    "update that nobody sees": (
        "code_customer",
        table("owned").update({"note": "x"}).eq("id", 1),
        ['unseen-effect supabase.from("owned").update({"note": "x"}).eq("id", 1)'],
    ),
    "update that is looked at": ("code_customer", table("owned").update({"note": "x"}).eq("id", 1).select("id"), []),
    "delete without a policy": ("code_customer", table("owned").delete().eq("id", 1), ["no-row-passes owned"]),
    "no policy": ("code_customer", table("shut").select("id"), ["no-row-passes shut"]),
    "insert without a policy": ("code_customer", table("shut").insert({"id": 1}), ["no-row-passes 42501 shut"]),
    "embedded without a policy": ("code_customer", table("open").select("id,shut(id)"), ["no-row-passes shut"]),
    "a policy that is false": ("code_customer", table("falsely").select("id"), ["no-row-passes falsely"]),
    "recursion": ("code_customer", table("looping").select("id"), ["recursive-policy-in-code 42P17 looping"]),
    "function": ("code_service", rpc("closed"), []),
    "closed function": ("code_customer", rpc("closed"), ["missing-privilege-in-code 42501 closed"]),
    "a sequence": ("code_customer", table("numbered").insert({"note": "x"}), [REFUSED.replace("open", "numbered")]),
    "a sequence of another role": (
        "code_service",
        table("numbered").insert({"note": "x"}),
        ["missing-privilege-in-code 42501 numbered"],
    ),
    "a number that is given": ("code_customer", table("numbered").insert({"id": 1, "note": "x"}), []),
    "one column of two": (
        "code_customer",
        table("numbered").select("id,note"),
        [REFUSED.replace("open", "numbered")],
    ),
    "a function of a default": (
        "code_customer",
        table("filled").insert({"id": 1}),
        [REFUSED.replace("open", "filled")],
    ),
    "a default that is not used": ("code_customer", table("filled").insert({"id": 1, "number": 2}), []),
    "a default of an update": ("code_customer", table("filled").update({"note": "x"}).eq("id", 1), []),
    "a function of a check": (
        "code_customer",
        table("checked").insert({"id": 1}),
        [REFUSED.replace("open", "checked")],
    ),
    "a check of an update": (
        "code_customer",
        table("checked").update({"note": "x"}).eq("id", 1),
        [REFUSED.replace("open", "checked")],
    ),
    "a check that is not read": ("code_customer", table("checked").select("id"), []),
    "a function of a policy": ("code_customer", table("guarded").select("id"), [REFUSED.replace("open", "guarded")]),
    "a policy of another command": ("code_customer", table("guarded").insert({"id": 1}), []),
    "a policy that does not bind": ("code_service", table("guarded").select("id"), []),
    "a materialized view": (
        "code_customer",
        table("kept").delete().eq("id", 1),
        ["rejected-statement 42809 kept"],
    ),
    "an upsert without a policy": (
        "code_customer",
        table("guarded").upsert({"id": 1}),
        ["no-row-passes 42501 guarded"],
    ),
    "a role that is not there": ("code_missing", table("shut").select("id"), []),
}


@pytest.mark.parametrize(("role", "written", "verdicts"), CASES.values(), ids=CASES)
def test_rights(bench: tuple[Connection, SchemaCache], role: str, written: Written, verdicts: list[str]) -> None:
    assert told(bench, written, role) == verdicts


@pytest.mark.parametrize(
    ("name", "verdicts"),
    [
        ("invoked", ["missing-privilege-in-code 42501 invoked"]),
        ("above", ["missing-privilege-in-code 42501 above"]),
        ("guarding", ["no-row-passes guarding"]),
        ("permitted", []),
        ("owners", []),
    ],
)
def test_views_with_the_rights_of_their_readers(
    bench: tuple[Connection, SchemaCache], name: str, verdicts: list[str]
) -> None:
    if bench[0].info.server_version < 150000:
        pytest.skip("needs PostgreSQL 15: before, each view has the rights of its owner")
    assert told(bench, table(name).select("id"), "code_customer") == verdicts


def test_a_grant_is_advised_of_what_lacks_and_no_more(bench: tuple[Connection, SchemaCache]) -> None:
    connection, cache = bench
    roles = SentAs(("code_customer",), stated=True)
    hints = [
        one.hint
        for written in (table("numbered").update({"always": 1}).eq("id", 1), table("numbered").insert({}))
        for one in judge(connection, [written.request()], cache, roles_of=lambda _: roles).verdicts
        if one.state == "42501"
    ]
    assert hints[-1] == "grant usage on sequence public.numbered_id_seq to code_customer;"
    assert "grant update on" not in " ".join(hints)


def test_where_the_judge_may_not_look_nothing_is_proven(bench: tuple[Connection, SchemaCache]) -> None:
    """The server leaves such a schema out of the search path, as if it had nothing of the name."""
    connection, _ = bench
    statement = CodeStatement(at=Span("a.py", 1, 1, 1, 9), text="select id from kept", fate=Fate.UNKNOWN)
    qualified = CodeStatement(at=Span("a.py", 2, 1, 2, 9), text="select id from public.nothing", fate=Fate.UNKNOWN)
    cache = read_cache(connection, ["walled"])
    connection.execute("savepoint before")
    connection.execute("set local role code_nobody")
    found = judge(connection, [statement, qualified], cache)
    connection.execute("rollback to before")
    assert [one.message for one in found.verdicts] == ['relation "public.nothing" does not exist']
    assert [one.at.line for one in found.not_judged] == [1]
    assert [one.hint for one in found.skipped] == ["grant usage on schema walled to code_nobody;"]
    assert judge(connection, [statement], cache).skipped == ()


def test_the_server_says_the_same(server: DatabaseServer, template: Template) -> None:
    """What is called refused is refused, and what is called clean passes, when the statements are run as the role."""
    url = server.create(template("rights of code", [ROLES, SCHEMA, INVOKED]))
    statements = {
        "select id, note from public.open where id = 1": None,
        "select * from public.open": "42501",
        "insert into public.open (id) values (1)": None,
        "insert into public.open (id) values (2) returning *": "42501",
        "select id from public.looping": "42P17",
        "insert into public.shut (id) values (1)": "42501",
        "select public.closed()": "42501",
        "insert into public.numbered (note) values ('x')": "42501",
        "insert into public.numbered (id, note) values (7, 'x')": None,
        "insert into public.filled (id) values (1)": "42501",
        "insert into public.filled (id, number) values (1, 2)": None,
        "update public.filled set note = 'x' where id = 1": None,
        "update public.checked set note = 'x' where id = 1": "42501",
        "select id from public.checked": None,
        "select id from public.guarded": "42501",
        "insert into public.guarded (id) values (1)": None,
        "delete from public.kept where id = 1": "42809",
        "select id, secret from public.owners": None,
    }
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute("insert into public.checked (id) values (1)")  # a check is looked at for the first row
        connection.execute("set role code_customer")
        for text, state in statements.items():
            with nullcontext() if state is None else pytest.raises(psycopg.Error) as caught:
                connection.execute(text.encode())
            assert state is None or (caught and caught.value.sqlstate == state), text
    server.drop(url)


def test_of_several_roles_each_must_lack_it(bench: tuple[Connection, SchemaCache]) -> None:
    """Who has not logged in yet is another role, and the code does not tell which of them sends a request."""
    shut = table("shut").select("id")
    assert told(bench, shut, "code_customer", "code_service") == []
    assert told(bench, shut, "code_service", "code_customer") == []
    assert told(bench, table("open").select("*"), "code_customer", "code_nobody") == [REFUSED]
    assert told(bench, shut, "code_missing", "code_customer") == ["no-row-passes shut"]


@pytest.mark.parametrize(
    ("client", "roles"),
    [
        (CodeClient("admin"), SentAs(("owner_of_all",), stated=True)),
        (CodeClient("client", maker="createAdmin"), SentAs(("service_role",), stated=True)),
        (CodeClient("a", "process.env.SUPABASE_SERVICE_ROLE_KEY"), SentAs(("service_role",))),
        (CodeClient("a", "process.env.SUPABASE_SECRET_KEY!"), SentAs(("service_role",))),
        (CodeClient("a", "process.env.NEXT_PUBLIC_SUPABASE_ANON_KEY"), SentAs(("authenticated", "anon"))),
        (CodeClient("a", "env.SUPABASE_PUBLISHABLE_KEY"), SentAs(("authenticated", "anon"))),
        (CodeClient("a", "process.env.SERVICE_ROLE_KEY ?? process.env.ANON_KEY"), SentAs()),
        (CodeClient("a", "key"), SentAs()),
        (CodeClient("this.admin"), SentAs(("owner_of_all",), stated=True)),
        (CodeClient("supabaseAdmin"), SentAs(("service_role",))),
    ],
)
def test_as_whom_a_client_sends(client: CodeClient, roles: SentAs) -> None:
    stated = (("admin", "owner_of_all"), ("createAdmin", "service_role"))
    request = msgspec.structs.replace(table("t").select().request(), client=client)
    assert sent_as(stated)(request) == roles
