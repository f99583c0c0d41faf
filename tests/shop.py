"""A small shop for tests of killed runs: its tables, what is promised of them, and its application with a log.

The application's clients write down what they committed. Nothing that stands in their log may ever be lost or changed
by anybody else; what does not stand in it is ours.
"""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg

from servers import connect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ORDERS = 700
CLIENTS = 2
# Tickets lie in parts and in parts of parts. Each change of an offer is counted.
TABLES = """
create table orders (id int primary key, customer int not null, state text not null default 'open');
create sequence ticket_id;
create table ticket (
  id bigint primary key default nextval('ticket_id'),
  order_id int not null references orders on delete cascade,
  by text not null,
  note text
) partition by hash (id);
create table ticket_0 partition of ticket for values with (modulus 2, remainder 0);
create table ticket_1 partition of ticket for values with (modulus 2, remainder 1) partition by range (id);
create table ticket_1_low partition of ticket_1 for values from (minvalue) to (400);
create table ticket_1_high partition of ticket_1 default;
create index ticket_order on ticket (order_id);
create table message (id serial primary key, ticket_id bigint not null references ticket on delete cascade, body text);
create index on message (ticket_id);
create table pin (id serial primary key, ticket_id bigint references ticket on delete set null);
create table offer (id int primary key, customer int not null, state text not null default 'open');
create table closing (offer_id int, was text, now text);
create function count_closing() returns trigger language plpgsql as
$$ begin insert into closing values (new.id, old.state, new.state); return null; end $$;
create trigger closing after update on offer for each row execute function count_closing();
create table stock (order_id int primary key, amount int not null, note text);
create table parcel (id int primary key, order_id int not null, weight int not null default 1, mark text);
create table memo (id int primary key, order_id int not null, kind text not null, body text);
create index on memo (order_id)"""
ROWS = """
insert into orders (id, customer) select n, 10000 + n from generate_series(1, {orders}) n;
insert into offer (id, customer) select n, 10000 + n from generate_series(1, {orders}) n;
insert into stock select n, n, case when n % 3 = 0 then 'counted' end
  from generate_series(2, {orders}, 2) n;
insert into parcel (id, order_id, mark) select n, n, case when n % 4 = 0 then 'there' end
  from generate_series(1, {orders}) n;
insert into memo select n, n / 2 + 1, case when n % 5 = 0 then 'spam' else 'good' end, 'body ' || n
  from generate_series(1, {orders}) n"""
CONTRACT = """version: 1
tables:
  orders: {}
  ticket: {}
invariants:
  order_has_ticket:
    summary: Every open order has a ticket
    each: orders o
    where:
      the order is open: o.state = 'open'
    has: ticket t
    "on": t.order_id = o.id
    repair: ticket.sql
    supersede: offer.sql
    backfill: true
  order_is_in_stock:
    summary: Every order's stock was counted
    of: orders
    violations: >-
      select o.id from orders o where not exists (select from stock s where s.order_id = o.id and s.note = 'counted')
    repair: stock.sql
  parcel_is_marked:
    summary: Every parcel is marked
    of: parcel
    violations: select p.id from parcel p where p.mark is null
    repair: parcel.sql
  no_spam:
    summary: No memo is spam
    of: orders
    violations: select m.order_id from memo m join orders o on o.id = m.order_id where m.kind = 'spam'
    repair: memo.sql
"""
INVARIANTS = ("order_has_ticket", "order_is_in_stock", "parcel_is_marked", "no_spam")
REPAIRS = {
    "ticket": """insert into ticket (order_id, by)
select o.id, 'ours' from orders o
where o.id = any (%(keys)s::int[]) and o.state = 'open'
and not exists (select from ticket t where t.order_id = o.id)
returning id, order_id as key""",
    "offer": """update offer f set state = 'closed' from orders o
where o.id = any (%(keys)s::int[]) and f.customer = o.customer and f.state = 'open'
returning f.id, o.id as key, 'open' as state_was""",
    "stock": """insert into stock (order_id, amount, note)
select o.id, 0, 'counted' from orders o where o.id = any (%(keys)s::int[])
on conflict (order_id) do update set note = 'counted'
returning order_id, order_id as key""",
    "parcel": """update parcel set mark = 'ours' where id = any (%(keys)s::int[]) and mark is null
returning id, id as key""",
    "memo": "delete from memo where order_id = any (%(keys)s::int[]) and kind = 'spam' returning id, order_id as key",
}
BROKEN = {
    "order_has_ticket": """select o.id from orders o where o.state = 'open'
                           and not exists (select from ticket t where t.order_id = o.id)""",
    "order_is_in_stock": """select o.id from orders o
                            where not exists (select from stock s where s.order_id = o.id and s.note = 'counted')""",
    "parcel_is_marked": "select id from parcel where mark is null",
    "no_spam": "select m.id from memo m join orders o on o.id = m.order_id where m.kind = 'spam'",
}


def texts(orders: int = ORDERS) -> list[str]:
    """The SQL of a template of the shop."""
    return [TABLES, ROWS.format(orders=orders)]


def write_contract(folder: Path) -> None:
    """Write the shop's contract and its repairs."""
    (folder / "shop.yaml").write_text(CONTRACT, encoding="utf-8")
    for name, text in REPAIRS.items():
        (folder / f"{name}.sql").write_text(text, encoding="utf-8")


def rows(url: str, asked: str) -> list[Any]:
    with connect(url) as connection:
        return connection.execute(asked.encode()).fetchall()


def broken(url: str, invariant: str) -> list[int]:
    """The keys that break a promise, by a query of our own."""
    return [row[0] for row in rows(url, BROKEN[invariant])]


@dataclass
class Log:
    """What one client committed: the rows as it knows them, of which nobody else may change a thing."""

    orders: dict[int, str] = field(default_factory=dict)
    dropped: set[int] = field(default_factory=set)
    tickets: dict[int, tuple[int, str]] = field(default_factory=dict)  # the order, and the note
    messages: dict[int, tuple[int, int]] = field(default_factory=dict)  # the ticket, and its order
    pins: dict[int, tuple[int | None, int]] = field(default_factory=dict)
    stock: dict[int, int] = field(default_factory=dict)
    parcels: dict[int, int] = field(default_factory=dict)
    memos: set[int] = field(default_factory=set)

    def lost_ticket(self, ticket: int) -> None:
        self.tickets.pop(ticket, None)
        self.messages = {row: place for row, place in self.messages.items() if place[0] != ticket}
        self.pins = {row: (None if place[0] == ticket else place[0], place[1]) for row, place in self.pins.items()}

    def lost_order(self, order: int) -> None:
        self.orders.pop(order, None)
        self.dropped.add(order)
        gone = {ticket for ticket, (of, _) in self.tickets.items() if of == order}
        gone |= {ticket for ticket, of in self.messages.values() if of == order}
        gone |= {ticket for ticket, of in self.pins.values() if of == order and ticket is not None}
        for ticket in gone:
            self.lost_ticket(ticket)


class Client:
    """One client of the application: it works on orders of its own, so that its log is the truth of them."""

    def __init__(self, url: str, number: int, seed: int) -> None:
        self.url = url
        self.number = number
        self.log = Log()
        self.error: BaseException | None = None
        self.done = 0
        self._random = random.Random(seed)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Client:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            with connect(self.url) as connection:
                while not self._stop.is_set():
                    self._step(connection)
                    self._stop.wait(self._random.random() * 0.02)
        except BaseException as error:
            self.error = error

    def _step(self, connection: psycopg.Connection[Any]) -> None:
        steps: list[Callable[[psycopg.Connection[Any], int], None]] = [
            *[self._own_ticket] * 6,
            *[self._child] * 4,
            *[self._change] * 2,
            self._drop_ticket,
            self._drop_order,
            self._cancel,
            self._new_order,
            *[self._stock] * 2,
            *[self._parcel] * 2,
            self._memo,
        ]
        order = self._random.randrange(self.number, ORDERS + 1, CLIENTS) or CLIENTS
        if order in self.log.dropped:
            return
        try:
            self._random.choice(steps)(connection, order)
            self.done += 1
        except (psycopg.errors.ForeignKeyViolation, psycopg.errors.DeadlockDetected, psycopg.errors.UniqueViolation):
            return  # the client is told, and nothing was committed

    def _own_ticket(self, connection: psycopg.Connection[Any], order: int) -> None:
        """The request that the promise is about, in a transaction that stays open for a moment."""
        try:
            with connection.transaction():
                row = connection.execute(
                    """insert into ticket (order_id, by, note) select id, 'shop', 'own' from orders
                       where id = %(order)s and state = 'open'
                       and not exists (select from ticket where order_id = %(order)s) returning id""",
                    {"order": order},
                ).fetchone()
                time.sleep(self._random.choice((0, 0.01, 0.05, 0.2)))
                if self._random.random() < 0.1:
                    raise _RolledBackError
        except _RolledBackError:
            return
        if row is not None:
            self.log.tickets[row[0]] = order, "own"

    def _child(self, connection: psycopg.Connection[Any], order: int) -> None:
        table = self._random.choice(("message", "pin"))
        asked = (
            f"insert into {table} (ticket_id) select id from ticket where order_id = %s limit 1 returning id, ticket_id"
        )
        row = connection.execute(asked.encode(), (order,)).fetchone()
        if row is not None:
            (self.log.messages if table == "message" else self.log.pins)[row[0]] = row[1], order

    def _change(self, connection: psycopg.Connection[Any], order: int) -> None:
        note = f"note {self._random.random()}"
        row = connection.execute(
            """update ticket set note = %s where id = (select id from ticket where order_id = %s limit 1)
               returning id""",
            (note, order),
        ).fetchone()
        if row is not None:
            self.log.tickets[row[0]] = order, note

    def _drop_ticket(self, connection: psycopg.Connection[Any], order: int) -> None:
        row = connection.execute(
            "delete from ticket where id = (select id from ticket where order_id = %s limit 1) returning id", (order,)
        ).fetchone()
        if row is not None:
            self.log.lost_ticket(row[0])

    def _drop_order(self, connection: psycopg.Connection[Any], order: int) -> None:
        if connection.execute("delete from orders where id = %s returning id", (order,)).fetchone():
            self.log.lost_order(order)

    def _cancel(self, connection: psycopg.Connection[Any], order: int) -> None:
        if connection.execute("update orders set state = 'cancelled' where id = %s returning id", (order,)).fetchone():
            self.log.orders[order] = "cancelled"

    def _new_order(self, connection: psycopg.Connection[Any], order: int) -> None:
        order += 100_000 + 1000 * CLIENTS * self._random.randrange(1000)
        connection.execute("insert into orders values (%s, %s)", (order, 10_000 + order))
        self.log.orders[order] = "open"

    def _stock(self, connection: psycopg.Connection[Any], order: int) -> None:
        amount = self._random.randrange(1_000_000)
        connection.execute(
            """insert into stock values (%s, %s, 'shop')
               on conflict (order_id) do update set amount = excluded.amount""",
            (order, amount),
        )
        self.log.stock[order] = amount

    def _parcel(self, connection: psycopg.Connection[Any], order: int) -> None:
        weight = self._random.randrange(1_000_000)
        if connection.execute("update parcel set weight = %s where id = %s returning id", (weight, order)).fetchone():
            self.log.parcels[order] = weight

    def _memo(self, connection: psycopg.Connection[Any], order: int) -> None:
        row = connection.execute(
            "insert into memo select max(id) + 1, %s, 'good', 'shop' from memo returning id", (order,)
        ).fetchone()
        self.log.memos.add(row[0] if row else 0)


class _RolledBackError(Exception):
    pass


def losses(url: str, log: Log) -> list[str]:
    """What is not any more as a client left it."""
    found: list[str] = []
    there: dict[Any, Any] = dict(rows(url, "select id, state from orders"))
    found += [f"order {one}: {there.get(one)}" for one, state in log.orders.items() if there.get(one) != state]
    there = {row[0]: row[1:] for row in rows(url, "select id, order_id, note from ticket")}
    found += [f"ticket {one} {was}: {there.get(one)}" for one, was in log.tickets.items() if there.get(one) != was]
    there = dict(rows(url, "select id, ticket_id from message"))
    found += [f"message {one} {was}: {there.get(one)}" for one, was in log.messages.items() if there.get(one) != was[0]]
    there = dict(rows(url, "select id, ticket_id from pin"))
    found += [
        f"pin {one} {was}: {there.get(one, 'gone')}" for one, was in log.pins.items() if there.get(one, -1) != was[0]
    ]
    there = dict(rows(url, "select order_id, amount from stock"))
    found += [f"stock {one} {was}: {there.get(one)}" for one, was in log.stock.items() if there.get(one) != was]
    there = dict(rows(url, "select id, weight from parcel"))
    found += [f"parcel {one} {was}: {there.get(one)}" for one, was in log.parcels.items() if there.get(one) != was]
    memos = {row[0] for row in rows(url, "select id from memo where kind = 'good'")}
    found += [f"memo {one} is gone" for one in log.memos - memos]
    return found
