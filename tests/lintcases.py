"""A contract in which nothing is wrong, and what it becomes where one thing is broken on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.lint.session import LintAsked, report_lint

if TYPE_CHECKING:
    from pathlib import Path

    from sessionaudit.core.ref import ObjectRef
    from sessionaudit.core.report import Report

GOOD = """\
version: 1
extensions: [pg_trgm]
schemas: {reports: {}}
enums:
  mood: [sad, ok, happy]
types:
  address: as (street text, zip text)
  floats: as range (subtype = float8)
domains:
  amount: numeric(12,2) check (value >= 0)
  label: text not null
sequences:
  order_numbers: as integer owned by orders.number
tables:
  customers:
    columns:
      id: uuid not null default gen_random_uuid()
      email: text not null
      mood: mood not null default 'ok'
      home: address
    constraints:
      customers_pkey: primary key (id)
      customers_email_key: unique (email)
    row_security: enabled
    policies:
      own row: {for: select, to: [authenticated], using: id = auth.uid()}
      staff reads: {for: select, to: [shop_staff], using: "true"}
    grants:
      authenticated: [select, 'update (email, mood)']
      anon: absent
  orders:
    columns:
      id: bigint generated always as identity
      number: integer not null default nextval('order_numbers')
      customer_id: uuid
      seller: label
      total: amount not null default 0
      placed_at: timestamptz not null default now()
    constraints:
      orders_pkey: primary key (id)
      orders_customer_id_fkey:
        definition: foreign key (customer_id) references customers (id) on delete set null
        repair: repairs/orders.sql
      orders_total_check: check (total < 1000000)
    indexes:
      orders_customer_id_idx: using btree (customer_id, lower(seller::text)) where total > 0
      orders_placed_at_idx: using btree (placed_at desc nulls last) include (total)
    statistics:
      orders_stats: on customer_id, placed_at
    triggers:
      touch: before update of total on orders for each row execute function touch()
      search: before insert for each row execute function tsvector_update_trigger('a', 'pg_catalog.english', 'b')
  events:
    partition_by: range (at)
    partitions: [events_rest]
    columns: {at: date not null}
  events_rest: {partition_of: events default}
  reports.daily: {columns: {day: date not null}}
  notes: {columns: {body: text}, inherits: [events_notes]}
  events_notes: {columns: {about: bigint}}
  old_orders: absent
views:
  open_orders: {query: "select id, total from orders where total > 0", columns: {id: bigint, total: amount}}
functions:
  touch(): |
    returns trigger language plpgsql as $$ begin return new; end $$
  spent(customer uuid): returns numeric language sql stable as $$select sum(total) from public.orders$$
  old_touch(): absent
memberships: {shop_staff: [shop_reader], shop_reader: {shop_all: {admin: true}}}
publications:
  feed: {orders: '(id, total)', customers: present}
comments:
  table orders: What people buy
  column orders.total: In euros
  constraint orders_pkey on orders: A number that nobody gives twice
  function touch(): Keeps something up to date
  type mood: How it went
  column open_orders.total: In euros
migrations: {folder: migrations}
code: {paths: [src]}
invariants:
  order_has_customer: {summary: Every order has a customer, of: orders,
    violations: select id from orders where customer_id is null, repair: repairs/orders.sql}
access: {roles: [anon, authenticated]}
rules: {unexpected-index: ignore}
waivers:
  - {rule: column-type, object: public.orders.total, reason: Later, owner: me, until: 2999-12-31}
  - {rule: unexpected-policy, object: orders.other, reason: By hand, owner: me, until: 2999-12-31}
  - {rule: broken-invariant, object: order_has_customer, reason: Known, owner: me, until: 2999-12-31}
  - {rule: unknown-column, object: src/*, reason: Known, owner: me, until: 2999-12-31}
"""
REPAIR = "update public.orders set customer_id = null where id = any (%(keys)s) returning id, id as key\n"


class Broken(NamedTuple):
    """What becomes of the contract, and what must be found: the codes, each with its object.

    `by_server` are found only where a private server is asked.
    """

    name: str
    old: str
    new: str
    found: tuple[tuple[str, str], ...] = ()
    by_server: tuple[tuple[str, str], ...] = ()


def written(folder: Path, text: str = GOOD, repair: str = REPAIR) -> Path:
    """Write a contract with the files that it names, and return its path."""
    for name in ("migrations", "src", "repairs"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "repairs" / "orders.sql").write_text(repair, encoding="utf-8")
    file = folder / "expected_schema.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def linted(file: Path, *, embedded: bool = False) -> Report:
    """The report on one contract."""
    return report_lint((file,), LintAsked(embedded=embedded))


def pairs(report: Report) -> set[tuple[str, str]]:
    """The codes of what is found, each with its object."""
    return {(one.rule.code, named(one.ref)) for one in report.findings}


def named(ref: ObjectRef) -> str:
    """The kind and the name of an object, without the quotes of SQL."""
    return f"{ref.kind.replace('_', ' ')} {'.'.join(ref.path).replace('.(', '(')}"


BROKEN = (
    # The file
    Broken("unknown key", "row_security: enabled", "row_securty: enabled", (("SL001", "FILE"),)),
    Broken("unbalanced", "check (total < 1000000)", "check (total < (1000000)", (("SL001", "FILE"),)),
    Broken("tab", "  mood: [sad", "\tmood: [sad", (("SL001", "FILE"),)),
    Broken("no version", "version: 1\n", "", (("SL001", "FILE"),)),
    Broken("unknown rule", "unexpected-index: ignore", "unexpected-indx: ignore", (("SL001", "FILE"),)),
    # Names
    Broken("key", "primary key (id)\n      customers_email", "primary key (idd)\n      customers_email",
           (("SL102", "key public.customers.customers_pkey"),)),
    Broken("unique", "unique (email)", "unique (e_mail)", (("SL102", "key public.customers.customers_email_key"),)),
    Broken("own column of a foreign key", "foreign key (customer_id)", "foreign key (customr_id)",
           (("SL102", "foreign key public.orders.orders_customer_id_fkey"),)),
    Broken("referenced column", "references customers (id)", "references customers (uid)",
           (("SL102", "foreign key public.orders.orders_customer_id_fkey"),)),
    Broken("referenced table", "references customers (id)", "references custmers (id)",
           (("SL103", "foreign key public.orders.orders_customer_id_fkey"),)),
    Broken("absent table", "references customers (id)", "references old_orders (id)",
           (("SL101", "foreign key public.orders.orders_customer_id_fkey"),)),
    Broken("column of an index", "btree (customer_id, lower", "btree (customer, lower",
           (("SL102", "index public.orders.orders_customer_id_idx"),)),
    Broken("included column", "include (total)", "include (totals)",
           (("SL102", "index public.orders.orders_placed_at_idx"),)),
    Broken("expression of an index", "lower(seller::text)", "lower(sellr::text)",
           by_server=(("SL102", "index public.orders.orders_customer_id_idx"),)),
    Broken("condition of an index", "where total > 0\n", "where totals > 0\n",
           by_server=(("SL102", "index public.orders.orders_customer_id_idx"),)),
    Broken("statistics", "on customer_id, placed_at", "on customer_id, placed",
           (("SL102", "statistics public.orders.orders_stats"),)),
    Broken("column of a trigger", "update of total on", "update of totl on",
           (("SL102", "trigger public.orders.touch"),)),
    Broken("function of a trigger", "execute function touch()", "execute function toch()",
           (("SL103", "trigger public.orders.touch"),)),
    Broken("absent function", "execute function touch()", "execute function old_touch()",
           (("SL101", "trigger public.orders.touch"),)),
    Broken("grant on a column", "update (email, mood)", "update (email, moood)",
           (("SL102", "grant public.customers.authenticated"),)),
    Broken("owner of a sequence", "owned by orders.number", "owned by orders.numbr",
           (("SL102", "sequence public.order_numbers"),)),
    Broken("published column", "(id, total)", "(id, totals)", (("SL102", "publication feed.public.orders"),)),
    Broken("published table", "customers: present", "custmers: present",
           (("SL103", "publication feed.public.custmers"),)),
    Broken("absent published table", "customers: present", "old_orders: present",
           (("SL101", "publication feed.public.old_orders"),)),
    Broken("commented column", "column orders.total:", "column orders.totals:",
           (("SL102", "comment column public.orders.totals"),)),
    Broken("comment on an absent function", "function touch(): Keeps", "function old_touch(): Keeps",
           (("SL101", "comment function public.old_touch()"),)),
    Broken("column of a view", "column open_orders.total:", "column open_orders.totals:",
           (("SL102", "comment column public.open_orders.totals"),)),
    Broken("absent schema", "schemas: {reports: {}}", "schemas: {reports: absent}",
           (("SL101", "table reports.daily"),)),
    Broken("absent type", "  mood: [sad, ok, happy]", "  mood: absent",
           (("SL101", "column public.customers.mood"), ("SL101", "comment type public.mood"))),
    Broken("absent parent", "inherits: [events_notes]", "inherits: [old_orders]",
           (("SL101", "table public.notes"),)),
    Broken("type with a typing error", "home: address", "home: adress", (("SL103", "column public.customers.home"),)),
    # Definitions
    Broken("types of a foreign key", "      customer_id: uuid\n", "      customer_id: text\n",
           (("SL201", "foreign key public.orders.orders_customer_id_fkey"),)),
    Broken("number of columns", "references customers (id)", "references customers (id, email)",
           (("SL201", "foreign key public.orders.orders_customer_id_fkey"),)),
    Broken("default of an enum", "default 'ok'", "default 'fine'", (("SL202", "column public.customers.mood"),)),
    Broken("system column", "body: text", "ctid: text", (("SL206", "column public.notes.ctid"),)),
    Broken("column like one of old versions", "body: text", "oid: text"),
    Broken("quoted, and so another name", "body: text", "'\"CTID\"': text"),
    Broken("system column of a view", "columns: {id: bigint, total: amount}", "columns: {xmin: bigint, total: amount}"),
    Broken("reserved schema", "schemas: {reports: {}}", "schemas: {reports: {}, pg_reports: {}}",
           (("SL206", "schema pg_reports"),)),
    Broken("schema of PostgreSQL", "schemas: {reports: {}}", "schemas: {reports: {}, pg_catalog: {}}"),
    Broken("table in a reserved schema", "  reports.daily:", "  pg_reports.daily:",
           (("SL206", "table pg_reports.daily"),)),
    Broken("set null", "      customer_id: uuid\n", "      customer_id: uuid not null\n",
           (("SL203", "foreign key public.orders.orders_customer_id_fkey"),)),
    Broken("set null of another", "on delete set null\n", "on delete set null (customer_id)\n"),
    Broken("no trigger function", "returns trigger language plpgsql as $$ begin return new; end $$",
           "returns void language plpgsql as $$ begin return; end $$", (("SL204", "trigger public.orders.touch"),)),
    Broken("partition not listed", "partitions: [events_rest]", "partitions: []",
           (("SL205", "table public.events_rest"),)),
    Broken("no partition", "events_rest: {partition_of: events default}", "events_rest: {inherits: [events_notes]}",
           (("SL205", "table public.events"),)),
    Broken("nullable primary key", "id: uuid not null default gen", "id: uuid default gen",
           (("SL205", "key public.customers.customers_pkey"),)),
    Broken("policies without row security", "row_security: enabled", "row_security: disabled",
           (("SL205", "policy public.customers.own row"), ("SL205", "policy public.customers.staff reads"))),
    Broken("two primary keys", "customers_email_key: unique (email)", "customers_email_key: primary key (email)",
           (("SL205", "key public.customers.customers_email_key"),)),
    Broken("name of another relation", "orders_placed_at_idx: using", "customers_pkey: using",
           (("SL205", "index public.orders.customers_pkey"),)),
    Broken("name of another type", "  label: text not null\n", "  label: text not null\n  address: text\n",
           (("SL205", "domain public.address"),)),
    Broken("INSTEAD OF on a table", "touch: before update of total on orders for", "touch: instead of insert on orders "
           "for", (("SL205", "trigger public.orders.touch"),)),
    Broken("row trigger of a view", "open_orders: {query:", "open_orders: {triggers: {t: after insert for each row "
           "execute function touch()}, query:", (("SL205", "trigger public.open_orders.t"),)),
    Broken("access without a privilege", "    row_security: enabled\n", "    row_security: enabled\n"
           "    access: {anon: {select: by policy}}\n", (("SL205", "table public.customers"),)),
    Broken("circle of views", "views:\n", "views:\n  first: select 1 as id from (select id from public.second) as s\n"
           "  second: select f.id from orders join first as f using (id)\n", (("SL205", "view public.first"),)),
    Broken("circle of types", "  label: text not null\n", "  label: text not null\n  code: codes[]\n  codes: code\n",
           (("SL205", "domain public.code"),)),
    Broken("no circle of views", "views:\n", "views:\n  first: with first (at) as (select placed_at from orders) "
           "select extract(year from first.at) from first\n"),
    Broken("no circle through a catalog", "views:\n", "views:\n  pg_stat_activity: select * from pg_stat_activity\n"
           "  named: select relname from pg_class\n  pg_class: select relname from named\n"),
    Broken("circle through a name like a catalog's", "views:\n", "views:\n  pg_class: select relname from "
           "public.pg_class\n", (("SL205", "view public.pg_class"),)),
    Broken("circle of roles", "shop_reader: {shop_all:", "shop_reader: {shop_staff:",
           (("SL205", "membership shop_staff.shop_reader"), ("SL205", "membership shop_reader.shop_staff"))),
    # Files
    Broken("no repair", "orders.sql\n      orders_total", "order.sql\n      orders_total",
           (("SL301", "file repairs/order.sql"),)),
    Broken("no folder of migrations", "folder: migrations", "folder: migration", (("SL301", "file migration"),)),
    Broken("no code", "paths: [src]", "paths: [source]", (("SL301", "file source"),)),
    # What is of no use
    Broken("two indexes", "    statistics:\n", "      twice: using btree (placed_at desc nulls last) include (total)\n"
           "    statistics:\n", (("SL401", "index public.orders.twice"),)),
    Broken("two checks", "    indexes:\n", "      again: check (total < 1000000)\n    indexes:\n",
           (("SL401", "check public.orders.again"),)),
    Broken("ended waiver", "reason: Later, owner: me, until: 2999-12-31", "reason: Later, until: 2001-01-01",
           (("SA003", "waiver column-type.public.orders.total"),)),
    Broken("waiver of nothing", "object: public.orders.total", "object: public.orders.totals",
           (("SA008", "waiver column-type.public.orders.totals"),)),
    Broken("waiver on no table", "object: orders.other", "object: ordrs.other",
           (("SA008", "waiver unexpected-policy.ordrs.other"),)),
    Broken("waiver of no invariant", "object: order_has_customer", "object: orders_have_customers",
           (("SA008", "waiver broken-invariant.orders_have_customers"),)),
    Broken("waiver twice", "object: orders.other, reason: By hand", "object: orders.other, reason: By hand, owner: me, "
           "until: 2999-12-31}\n  - {rule: unexpected-policy, object: orders.other, reason: Once more",
           (("SL402", "waiver unexpected-policy.orders.other"),)),
    Broken("waiver of an ignored rule", "{rule: unexpected-policy", "{rule: unexpected-index",
           (("SL403", "waiver unexpected-index.orders.other"),)),
    # What PostgreSQL alone knows
    Broken("check", "check (total < 1000000)", "check (total < 'x')",
           by_server=(("SA004", "check public.orders.orders_total_check"),)),
    Broken("grammar", "check (total < 1000000)", "check (total < and)",
           by_server=(("SA004", "check public.orders.orders_total_check"),)),
    Broken("operator of a policy", "using: id = auth.uid()", "using: email = auth.uid()",
           by_server=(("SA004", "policy public.customers.own row"),)),
    Broken("column of a policy", "using: id = auth.uid()", "using: owner = auth.uid()",
           by_server=(("SL102", "policy public.customers.own row"),)),
    Broken("default", "default now()", "default 'never'", by_server=(("SA004", "column public.orders.placed_at"),)),
    Broken("query of a view", "select id, total from orders where", "select id, totl from orders where",
           by_server=(("SL102", "view public.open_orders"),)),
    Broken("body of a function", "select sum(total) from public.orders", "select sum(total) frm public.orders",
           by_server=(("SA004", "function public.spent(uuid)"),)),
    Broken("result of a function", "select sum(total) from public.orders", "select 'a'::text",
           by_server=(("SA004", "function public.spent(uuid)"),)),
    Broken("PL/pgSQL", "begin return new; end", "begin if then end", by_server=(("SA004", "function public.touch()"),)),
    Broken("column of an invariant", "where customer_id is null", "where customer is null",
           by_server=(("SL102", "invariant order_has_customer"),)),
    Broken("value in an invariant", "where customer_id is null", "where customer_id = 'nobody'",
           by_server=(("SA004", "invariant order_has_customer"),)),
)  # fmt: skip
