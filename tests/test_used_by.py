"""A contract of what an application uses: as the database has it, no more, and nothing that is not there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from caserunner import make_roles
from codecases import all_cases, build
from servers import connect
from sessionaudit.cli.app import app

DATABASE = """
create schema billing;
create domain positive as numeric(12,2) check (value > 0);
create type state as enum ('open', 'paid', 'sent');
create type mood as enum ('sad', 'ok');
create table customers (
  id bigint generated always as identity primary key, name text not null, mail text unique, secret text, mood mood
);
create table orders (
  id bigserial primary key,
  customer_id bigint not null references customers,
  seller_id bigint references customers,
  number text not null,
  state state not null default 'open',
  kind text not null check (kind in ('web', 'shop')),
  total positive,
  weight numeric not null check (weight > 0),
  noted timestamptz,
  unique (customer_id, number)
);
create unique index orders_noted on orders (noted);
create table tags (id int primary key, label text, colour text);
create table order_tags (
  order_id bigint references orders, tag_id int references tags, noted timestamptz, primary key (order_id, tag_id)
);
create function stamp() returns trigger language plpgsql as $$ begin new.weight := 1; return new; end $$;
create trigger stamped before insert on orders for each row execute function stamp();
create trigger told after insert on orders for each row execute function stamp();
create view open_orders with (security_barrier) as
  select o.id, c.name from orders o join customers c on c.id = o.customer_id;
create function close_month(month date, dry boolean default false) returns integer language sql as 'select 1';
create function close_month(year integer) returns integer language sql as 'select 1';
create function unused() returns integer language sql as 'select 1';
create table billing.invoices (id int primary key, amount numeric, paid boolean, hidden text);
alter table orders enable row level security;
create policy everybody on orders using (true);
grant select, insert, update on orders to authenticated;
grant select (id, name) on customers to authenticated;
grant all on tags to service_role;
grant select on open_orders to authenticated, service_role;
create publication supabase_realtime for table orders, tags;
"""
CODE = {
    "client.ts": """\
import { createClient } from '@supabase/supabase-js'
export const supabase = createClient(url, process.env.SUPABASE_ANON_KEY!)
export const admin = createClient(url, process.env.SUPABASE_SERVICE_ROLE_KEY!)
export const other = createClient(url, key)
""",
    "orders.ts": """\
import { admin, other, supabase } from './client'

export async function orders(id: number, payload: object) {
  const { data, error } = await supabase
    .from('orders')
    .select('number, customers!orders_customer_id_fkey(name), tags(label)')
    .in('state', ['open', 'lost'])
    .order('noted')
  if (error) throw error
  const made = await supabase
    .from('orders')
    .upsert({ customer_id: id, number: '1', kind: 'web', total: 3 }, { onConflict: 'customer_id,number' })
  if (made.error) throw made.error
  const closed = await admin.rpc('close_month', { month: '2024-01-01' })
  if (closed.error) throw closed.error
  const seen = await other.from('open_orders').select('id')
  if (seen.error) throw seen.error
  const written = await admin.from('tags').insert(payload)
  if (written.error) throw written.error
  const lost = await admin.from('lost').select('id')
  if (lost.error) throw lost.error
  supabase.channel('all').on('postgres_changes', { event: '*', schema: 'public', table: 'orders' }, seen).subscribe()
  return data
}
""",
    "invoices.py": """\
import psycopg


def unpaid(connection: psycopg.Connection, least: int) -> list[tuple]:
    return connection.execute(
        "select i.id, i.amount from billing.invoices i where not i.paid and i.amount > %s", (least,)
    ).fetchall()
""",
}
# What a contract that does not name something does not judge, and what its privileges are not judged for.
UNNAMED = {
    *("unknown-table", "unknown-column", "unknown-function", "ambiguous-function", "missing-relationship"),
    *("ambiguous-relationship", "conflict-without-unique-key", "wrong-operator", "single-of-many"),
    "refused-aggregate",  # by a setting of the database
    "unheard-table",  # of a publication, the draft names what it has, and that is not all that it might
    *("rejected-statement", "missing-privilege-in-code", "no-row-passes", "recursive-policy-in-code", "unseen-effect"),
}
# What becomes of a failure is told in other words where it is certain.
UNHEARD = {"silent-certain-failure", "ignored-error", "logged-error", "swallowed-error"}
NOTHING_RIGHT = {"violation_statements"}  # of which the server tells nothing
WRITTEN = """\
version: 1
schema: public

enums:
  # The code names open
  state: [open, paid, sent]

domains:
  positive: numeric(12,2) check (value > 0::numeric)

tables:
  # Code as authenticated or anon: select (src/orders.ts:6)
  customers:
    unnamed: ignore
    row_security: disabled
    columns:
      id: bigint generated always as identity
      name: text not null
    constraints:
      customers_pkey: primary key (id)
    grants:
      authenticated: ['select (id, name)']

  # Code as authenticated or anon: select, insert, update, listen (src/orders.ts:5 and 2 other places)
  orders:
    unnamed: ignore
    row_security: enabled
    columns:
      id: bigserial
      customer_id: bigint not null
      number: text not null
      state: state not null default 'open'
      # The code names web
      kind: text not null
      total: positive
      weight: numeric not null
      noted: timestamptz
    constraints:
      orders_customer_id_number_key: unique (customer_id, number)
      orders_pkey: primary key (id)
      orders_customer_id_fkey: foreign key (customer_id) references customers (id)
      orders_kind_check: check (kind in ('web', 'shop'))
    indexes:
      orders_noted: unique using btree (noted)
    grants:
      authenticated: [select, insert, update]
    triggers:
      stamped: before insert for each row execute function stamp()

  # Code as authenticated or anon: select (src/orders.ts:6)
  # Code as service_role: insert (src/orders.ts:18)
  tags:
    unnamed: ignore
    row_security: disabled
    columns:
      id: integer not null
      label: text
    constraints:
      tags_pkey: primary key (id)
    grants:
      service_role: all

  # Code as authenticated or anon: select (src/orders.ts:5)
  order_tags:
    unnamed: ignore
    row_security: disabled
    columns:
      order_id: bigint not null
      tag_id: integer not null
    constraints:
      order_tags_pkey: primary key (order_id, tag_id)
      order_tags_order_id_fkey: foreign key (order_id) references orders (id)
      order_tags_tag_id_fkey: foreign key (tag_id) references tags (id)

  billing.invoices:
    unnamed: ignore
    row_security: disabled
    columns:
      id: integer not null
      amount: numeric
      paid: boolean
    constraints:
      invoices_pkey: primary key (id)

functions:
  # Code as service_role: call (src/orders.ts:14)
  close_month(month date, dry boolean DEFAULT false): returns integer language sql as $$select 1$$

  # Code as service_role: call (src/orders.ts:14)
  close_month(year integer): returns integer language sql as $$select 1$$
  stamp(): returns trigger language plpgsql as $$ begin new.weight := 1; return new; end $$

views:
  # Code: select (src/orders.ts:16)
  open_orders:
    unnamed: ignore
    query: select o.id, c.name from (orders o join customers c on c.id = o.customer_id)
    options: [security_barrier]

publications:
  supabase_realtime: [orders, tags]

code:
  # The code does not tell as which role these clients work, so their rights are not judged: other
  paths: [src]
  clients: {admin: service_role, supabase: authenticated}

waivers:
  - {rule: closed-grant, object: public.orders.authenticated, reason: it was so when the contract was \
made, until: 9999-12-31}
"""


INVOICES = WRITTEN[WRITTEN.index("  billing.invoices:") : WRITTEN.index("functions:")]


def expected(url: str) -> str:
    """What is written; before PostgreSQL 14 the server does not tell what a statement needs."""
    with connect(url) as connection:
        return WRITTEN if connection.info.server_version >= 140000 else WRITTEN.replace(INVOICES, "")


def call(*words: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(words))
    return result.exit_code, result.stdout, result.stderr


def scanned(*words: str) -> set[tuple[str, str, int, str]]:
    """What is found of the code: rule, file, line and message."""
    report = json.loads(call("scan", "--format", "json", *words)[1])
    assert not report["skipped"]
    return {
        (one["rule"], one["location"]["file"], one["location"]["line"], one["message"]) for one in report["findings"]
    }


@pytest.fixture
def shop(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The database; the code is in the working directory."""
    (tmp_path / "src").mkdir()
    for name, text in CODE.items():
        (tmp_path / "src" / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    make_roles(database)
    with connect(database) as connection:
        connection.execute(DATABASE)
    return database


def test_it_is_what_the_code_uses_as_the_database_has_it(shop: str) -> None:
    code, written, said = call("snapshot", "-d", shop, "--used-by", "src")
    assert (code, written[written.index("version:") :]) == (0, expected(shop))
    lacking, *warnings = (
        part.split("\n") for part in said.removesuffix("\n").split("in the contract:\n")[1].split("warning: ")
    )
    unknown, wrong = sorted(warnings, key=lambda one: "check would report" in one[0])
    assert [line.split(": ")[0:2] for line in lacking if line] == [
        ["  src/orders.ts:6:63", "missing-privilege-in-code"],
        ["  src/orders.ts:7:28", "impossible-value"],
        ["  src/orders.ts:11:12", "missing-privilege-in-code"],  # on the sequence
        ["  src/orders.ts:20:34", "unknown-table"],
    ]
    assert "8 calls in 3 files" in said
    assert "  1: not all that is written is known" in unknown
    assert "  error SA529 closed-grant: " in wrong[1]


def test_check_finds_in_it_what_is_wrong_with_the_code_and_no_more(shop: str) -> None:
    Path("contracts").mkdir()
    assert call("snapshot", "-d", shop, "--used-by", "src", "-o", "contracts/expected.yaml", "-q") == (0, "", "")
    assert "  paths: ['../src']\n" in Path("contracts/expected.yaml").read_text(encoding="utf-8")
    words = ("-d", shop, "-c", "contracts/expected.yaml", "--format", "json")
    checked = json.loads(call("check", *words)[1])["findings"]
    scanned = json.loads(call("scan", "src", "-d", shop, "--format", "json")[1])["findings"]
    # The clients are those of the contract here, and guessed there: no word of what is found changes.
    assert {one["audit"] for one in checked} == {"code"}, [one["message"] for one in checked if one["audit"] != "code"]
    assert [(one["rule"], one["message"]) for one in checked] == [(one["rule"], one["message"]) for one in scanned]


@pytest.mark.thorough
def test_what_it_names_is_judged_by_it_as_by_the_database(shop: str) -> None:
    call("snapshot", "-d", shop, "--used-by", "src", "-o", "expected_schema.yaml", "-q")

    live, by_contract = scanned("-d", shop), scanned("--against", "contract")
    assert by_contract <= live
    assert {rule for rule, *_ in live - by_contract} == {"missing-privilege-in-code", "unknown-table"}


def test_it_is_split_with_the_code_in_the_main_file(shop: str) -> None:
    assert call("snapshot", "-d", shop, "--used-by", "src", "--split", "contract", "-q")[0] == 0
    main = Path("contract/expected_schema.yaml").read_text(encoding="utf-8")
    assert "  paths: ['../src']\n" in main
    table = Path("contract/public/tables/orders.yaml").read_text(encoding="utf-8")
    assert "unnamed: ignore" in table
    assert "customers!" not in table
    assert call("check", "-d", shop, "-c", "contract/expected_schema.yaml", "--only", "schema", "-q") == (0, "", "")


def test_it_can_be_narrowed(shop: str) -> None:
    words = (*("--used-by", "src/client.ts"), *("--used-by", "src/orders.ts"), *("--used-by", "src/invoices.py"))
    written = call("snapshot", "-d", shop, *words, "-q")[1]
    paths = "['src/client.ts', 'src/orders.ts', 'src/invoices.py']"
    assert written[written.index("version:") :].replace(paths, "[src]") == expected(shop)
    narrow = call("snapshot", "-d", shop, "--used-by", "src", "--only", "public.tags", "-q")[1]
    assert "  tags:\n" in narrow
    assert "orders:" not in narrow
    assert "src/orders.ts" not in call("snapshot", "-d", shop, "--used-by", "src", "--exclude", "orders.ts")[2]


def test_what_statements_use_is_told_as_unknown_where_the_role_may_not_ask(shop: str) -> None:
    with connect(shop) as connection:
        connection.execute("grant usage on schema billing to authenticated")
        connection.execute(f"revoke temporary on database {connection.info.dbname} from public".encode())
    written, said = call("snapshot", "-d", shop, "--used-by", "src", "--role", "authenticated")[1:]
    assert "billing.invoices" not in written
    assert "1: what it uses cannot be told: " in said


def test_nothing_used_is_an_error(shop: str) -> None:
    Path("empty").mkdir()
    code, written, said = call("snapshot", "-d", shop, "--used-by", "empty")
    assert (code, written) == (2, "")
    assert "the code uses nothing that the database has" in said
    assert "nowhere does not exist" in call("snapshot", "-d", shop, "--used-by", "nowhere")[2]


@pytest.mark.thorough
@pytest.mark.parametrize(
    "case", [case for case in all_cases() if case.name not in NOTHING_RIGHT], ids=lambda case: case.name
)
def test_each_case_is_judged_by_its_draft_as_by_the_database(
    case: Path, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(case / "src", tmp_path / "src")
    monkeypatch.chdir(tmp_path)
    make_roles(database)
    build(case, database)
    code, _, said = call("snapshot", "-d", database, "--used-by", "src", "-o", "expected_schema.yaml", "-q")
    assert (code, said) == (0, "")
    assert call("check", "-d", database, "-c", "expected_schema.yaml", "--only", "schema", "-q") == (0, "", "")
    live, by_contract = scanned("-d", database), scanned("--against", "contract")
    assert by_contract - live <= {one for one in by_contract if one[0] in UNHEARD}
    assert {rule for rule, *_ in live - by_contract} <= UNNAMED | UNHEARD
