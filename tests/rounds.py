"""Rounds over the shop: calls that are run, ended and disturbed by chance; and what must hold in the end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import shop
from killing import WAYS, Ended, Moment, end_at, end_by_itself, moment
from servers import connect
from shop import INVARIANTS, ORDERS, Log, broken, losses, rows

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence
    from pathlib import Path

TRIES = 8
CALLS = ("all", "all", "tickets", "tickets", "one of the others", "ids")
DISTURBANCES: dict[str, tuple[str, ...]] = {
    "index on offers": ("create index if not exists offer_customer on offer (customer)", "analyze offer"),
    "no index on offers": ("drop index if exists offer_customer",),
    "no index on tickets": ("drop index if exists ticket_order",),
    "index on tickets": ("create index if not exists ticket_order on ticket (order_id)",),
    "statistics": ("analyze",),
    "no statistics": ("delete from pg_statistic where starelid in ('offer'::regclass, 'ticket_0'::regclass)",),
    "big tables": ("update pg_class set reltuples = 1e7, relpages = 100000 where relname in ('offer', 'ticket_0')",),
    "vacuum": ("vacuum",),
    "vacuum freeze": ("vacuum (freeze)",),
    "more orders": (
        """insert into orders (id, customer)
           select n + k, 10000 + n + k from generate_series(1, 200) k,
           (select greatest(20000, max(id)) from orders where id < 90000) m (n)""",
    ),
    "nothing": (),
}


class Round:
    """One database, the calls that are run over it, and all that they said."""

    def __init__(self, url: str, folder: Path, seed: int, chance: random.Random) -> None:
        self.url = url
        self.folder = folder
        self.chance = chance
        self.schedule: list[str] = [f"seed {seed}"]
        self.said: list[Ended] = []
        self.kills = 0
        shop.write_contract(folder)
        self.before = self.image()

    def image(self) -> dict[str, list[Any]]:
        tables = ("orders", "ticket", "offer", "stock", "parcel", "memo")
        return {table: rows(self.url, f"select * from {table} order by 1") for table in tables}

    def journals(self) -> list[Path]:
        return sorted([*self.folder.glob("*.jsonl"), *(self.folder / "state").glob("*/*.jsonl")], key=_begun)

    def size(self) -> int:
        return sum(path.stat().st_size for path in self.journals() if path.exists())

    def committed(self) -> int:
        """How many transactions of the journals came about."""
        numbers = [
            record["transaction"]
            for path in self.journals()
            for record in _records(path)
            if record["event"] in {"batch", "undone"}
        ]
        asked = "select count(*) from unnest('{%s}'::text[]) n where pg_xact_status(n::xid8) = 'committed'"
        return int(rows(self.url, asked % ",".join(map(str, numbers)))[0][0])

    def run(self, call: Sequence[str], when: Moment | None = None, way: str = "") -> Ended:
        """Run a call to its end, or to a moment; what it says must be true."""
        before = self.committed()
        words = " ".join(call)
        if when is None:
            ended = end_by_itself(call, self.url, self.folder)
            self.schedule.append(f"{words}: {ended.code}")
        else:
            ended = end_at(call, self.url, self.folder, when=when, way=way, size=self.size)
            self.kills += ended.killed
            told = f"{way} at {when}" if ended.killed else f"too late for {when}"
            self.schedule.append(f"{words}: {told}: {ended.code}")
        self.said.append(ended)
        self.schedule += [f"    {line}" for line in ended.err.splitlines()]
        assert "bug in sessionaudit" not in ended.err
        assert "Traceback" not in ended.err
        if ended.code >= 0 and "Nothing was changed" in ended.err:
            assert self.committed() == before, "something was changed"
        for path in self.journals():
            _records(path)
        return ended

    def kill(self, call: Sequence[str]) -> Ended:
        """Run a call to some moment, and end it in some way."""
        return self.run(call, moment(self.chance), self.chance.choice(WAYS))

    def disturb(self) -> None:
        name = self.chance.choice(list(DISTURBANCES))
        self.schedule.append(f"  {name}")
        with connect(self.url) as connection:
            for statement in DISTURBANCES[name]:
                connection.execute(statement.encode())

    def call(self) -> list[str]:
        """A call that mends rows."""
        words = ["backfill", "-c", "shop.yaml", "--format", "json"]
        match self.chance.choice(CALLS):
            case "ids":
                ids = self.chance.sample(range(1, ORDERS + 1), 6)
                words += ["--invariant", "order_has_ticket", *map(str, ids)]
            case sort:
                words += ["--all", "--yes", "--target", self.chance.choice(("0.001", "0.005", "0.15"))]
                words += ["--jobs", self.chance.choice("112")]
                if sort == "tickets":
                    words += ["--invariant", "order_has_ticket"]
                elif sort != "all":
                    words += ["--invariant", self.chance.choice(INVARIANTS[1:])]
        return words + (["--journal", "named.jsonl"] if self.chance.random() < 0.5 else [])

    def told(self) -> set[str]:
        """The keys of which a run said that not all is well."""
        keys: set[str] = set()
        for one in self.said:
            for told in _json(one.out):
                keys |= {line.partition(":")[0] for part in told.get("invariants", ()) for line in part["failures"]}
                keys |= {row["id"] for row in told.get("results", ()) if not row["fine"]}
        return keys

    def mend_all(self) -> None:
        """Run everything to its end, and every journal that was left, with nobody else at work."""
        words = ["backfill", "-c", "shop.yaml", "--format", "json", "--all", "--yes"]
        for path in [path for path in self.journals() if _unfinished(path)]:
            wanted = _records(path)[0]["invariants"]
            only = ["--invariant", wanted[0]] if len(wanted) == 1 else []
            self.run([*words, *only, "--journal", str(path)])
        for _ in range(TRIES):
            ended = self.run(words)
            if "which is resumed" not in ended.err:
                break
        assert ended.code == 0, ended.err
        assert "It holds now" in ended.err or "No row is broken" in ended.err
        assert {name: broken(self.url, name) for name in INVARIANTS} == {name: [] for name in INVARIANTS}

    def verify(self, logs: Sequence[Log]) -> None:
        """Nobody's rows are lost, nothing is there twice, and what was superseded was superseded once."""
        assert [loss for log in logs for loss in losses(self.url, log)] == []
        asked = "select order_id, array_agg(by order by by) from ticket group by 1 having count(*) > 1"
        doubled = {str(order): by for order, by in rows(self.url, asked)}
        assert {order: by for order, by in doubled.items() if order not in self.told()} == {}
        asked = "select offer_id, array_agg(was || ' ' || now) from closing group by 1 having count(*) > 1"
        assert rows(self.url, asked) == [], "superseded more than once"
        asked = """select o.id from orders o join offer f on f.customer = o.customer and f.state = 'open'
                   join ticket t on t.order_id = o.id and t.by = 'ours'"""
        assert rows(self.url, asked) == [], "never superseded"

    def undo(self, logs: Sequence[Log]) -> None:
        """Take everything back, the newest journal first, and be killed in between."""
        refused: list[str] = []
        for path in reversed([path for path in self.journals() if len(_records(path)) > 1]):
            call = ["undo", str(path), "--yes", "--format", "json"]
            for _ in range(self.chance.choice((0, 1, 2))):
                self.kill(call)
            ended = self.run(call)
            (said,) = _json(ended.out)
            assert ended.code == (1 if said["refused"] else 0), ended.err
            refused += said["refusals"]
        assert [loss for log in logs for loss in losses(self.url, log)] == []
        self.verify_undone(logs)

    def verify_undone(self, logs: Sequence[Log]) -> None:
        ours = {row for (row,) in rows(self.url, "select id from ticket where by = 'ours'")}
        changed = {ticket for log in logs for ticket in log.tickets}
        parents = {of for log in logs for of, _ in [*log.messages.values(), *log.pins.values()]}
        assert ours <= changed | parents, "rows of ours are there still"
        assert rows(self.url, "select id from offer where state <> 'open'") == []
        spam = [row for row in self.before["memo"] if row[2] == "spam"]
        assert rows(self.url, "select * from memo where kind = 'spam' order by 1") == spam
        touched = {order for log in logs for order in log.stock}
        now = [row for row in rows(self.url, "select * from stock order by 1") if row[0] not in touched]
        assert now == [row for row in self.before["stock"] if row[0] not in touched]
        touched = {parcel for log in logs for parcel in log.parcels}
        now = [row for row in rows(self.url, "select * from parcel order by 1") if row[0] not in touched]
        assert now == [row for row in self.before["parcel"] if row[0] not in touched]


def _records(path: Path) -> list[dict[str, Any]]:
    """The lines of a journal; one that was cut is told of by a later one, or is the last."""
    if not path.exists():
        return []
    found: list[dict[str, Any]] = []
    bad: set[int] = set()
    lines = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines[:-1], start=1):
        try:
            found.append(json.loads(line))
        except ValueError:
            bad.add(number)
    cut = {record["line"] for record in found if record["event"] == "cut"}
    assert bad == cut, (path, bad, cut)
    return found


def _begun(path: Path) -> tuple[int, str]:
    found = _records(path)
    return (
        int(rows_of[0]) if (rows_of := [one["transaction"] for one in found if "transaction" in one]) else 0,
        path.name,
    )


def _unfinished(path: Path) -> bool:
    found = _records(path)
    return bool(found) and found[-1]["event"] != "ended"


def _json(out: str) -> list[dict[str, Any]]:
    """The objects that stand in an output, which may be empty if it was killed."""
    found: list[dict[str, Any]] = []
    decoder, text = json.JSONDecoder(), out.strip()
    while text:
        try:
            value, at = decoder.raw_decode(text)
        except ValueError:
            return found
        found.append(value)
        text = text[at:].strip()
    return found
