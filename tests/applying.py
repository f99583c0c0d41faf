"""What the proofs of `repair --apply` share: the process, a gate inside its steps, and what it must leave as it was."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString, NamedTuple
from urllib.parse import quote

import program
from mending import ALL
from servers import connect
from sessionaudit.audits import runner
from sessionaudit.demo import system
from sessionaudit.repair import propose

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator

    import psycopg

    from conftest import Template
    from servers import DatabaseServer

TOP = Path(__file__).parents[1]
CONTRACT = TOP / "expected_schema.yaml"
NAMED = ("--only", "schema", "--only", "blocking-column")  # that is loosened only where a call names it
APPLY = ("repair", "--apply", "--yes", "--allow", "all", "--with-data")
REPAIR = (*APPLY, *NAMED, "--contract", CONTRACT)
SAVED = ("repair", "--apply", "--yes", "--with-data", "--contract", CONTRACT)  # a plan was made with what it may
ASKED = propose.PlanOptions(
    allowed=ALL.allowed, with_data=True, reading=runner.Options(only=("schema", "blocking-column"))
)
PATIENCE = 30.0  # seconds; whatever is waited for comes much sooner, or never

# Notes what is committed, and holds whoever runs one of the statements in `gate.hold` until that row is gone. What an
# audit tries out is in a session that has temporary tables; it is rolled back, and nobody's concern.
GATE = (
    "create schema gate",
    "create table gate.done (number serial, statement text not null)",
    "create table gate.hold (statement text primary key)",
    """
    create function gate.note() returns event_trigger language plpgsql security definer
      set search_path = pg_catalog as $$
    begin
      if pg_my_temp_schema() <> 0 then return; end if;
      insert into gate.done (statement) values (current_query());
      while exists (select from gate.hold where statement = current_query()) loop
        perform pg_sleep(0.002);
      end loop;
    end $$""",
    "create event trigger gate on ddl_command_end execute function gate.note()",
)
CHANGING = ("updated_at", "metadata", "mechanic_id")  # the columns that a repair brings or changes
# In the broken system the data repair changes rows of one table, and nothing else changes any.
COUNT = """
create table gate.changed (id uuid);
create function gate.count() returns trigger language plpgsql security definer as $$
begin insert into gate.changed values (new.id); return null; end $$;
create trigger gate_count after insert or update or delete on public.session_requests
  for each row execute function gate.count();
delete from gate.done"""
HELD = """
select pid from pg_stat_activity
 where datname = current_database() and wait_event = 'PgSleep' and application_name = 'sessionaudit'
   and starts_with(%s, left(query, 500))"""
WAITING = """
select pid from pg_stat_activity
 where datname = current_database() and wait_event_type = 'Lock' and application_name = 'sessionaudit'"""
AT_TABLE = WAITING + " and wait_event = 'relation'"
OURS = "select pid from pg_stat_activity where datname = current_database() and application_name = 'sessionaudit'"
TABLES = """
select c.oid::regclass::text
  from pg_class c
 where c.relkind = 'r' and c.relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema', 'gate')
   and c.relnamespace::regnamespace::text !~ '^pg_'
 order by 1"""

PETS = """
create table public.owners (id int primary key, name text);
create table public.pets (id int primary key, owner_id int, name text, chip text);
insert into public.owners select n, 'owner ' || n from generate_series(1, 50) n;
insert into public.pets select n, n, 'pet ' || n, 'chip ' || n from generate_series(1, 60) n"""
PETS_CONTRACT = """
version: 1
tables:
  owners: {columns: {id: int not null, name: text}, constraints: {owners_pkey: primary key (id)}}
  pets:
    columns: {id: int not null, owner_id: int, name: text, chip: text}
    constraints:
      pets_pkey: primary key (id)
      pets_owner_id_fkey: {definition: foreign key (owner_id) references owners (id), repair: unlink.sql}
      pets_chip_key: unique (chip)
    row_security: enabled
"""
UNLINK = """
update public.pets p set owner_id = null
where p.id = any (%(keys)s::int[]) and not exists (select from public.owners o where o.id = p.owner_id)"""


def pets(folder: Path) -> Path:
    """Write the contract of PETS, with the repair of ten of its rows, and give its file."""
    (folder / "unlink.sql").write_text(UNLINK, encoding="utf-8")
    (folder / "pets.yaml").write_text(PETS_CONTRACT, encoding="utf-8")
    return folder / "pets.yaml"


def gated(template: Template) -> str:
    """A template of the broken system, where each statement of DDL that is committed is noted."""
    return template("broken_with_gate", [*system.statements(system.BROKEN), *GATE, COUNT])


class State(NamedTuple):
    """What a repair of the broken system led to: the statements, and all that there is after them."""

    statements: list[str]
    rows: dict[str, list[dict[str, Any]]]
    changed: list[Any]
    findings: set[str]
    schema: dict[str, Any]


def state(url: str) -> State:
    with connect(url) as connection:
        changed = [row[0] for row in connection.execute("select id from gate.changed order by id")]
    found = runner.examine(url, CONTRACT, runner.Options(without=("data",)))
    findings = {finding.rule.name for finding in found.report.findings}
    schema = {kind: dict(objects) for kind, objects in found.actual.objects.items()}
    return State(sorted(done(url)), rows(url, "updated_at"), changed, findings, schema)


_MENDED: dict[str, State] = {}


def mended(server: DatabaseServer, template: Template, folder: Path) -> State:
    """What a repair of the broken system leads to that nobody disturbs; made once for a server."""
    if server.url not in _MENDED:
        url = server.create(gated(template))
        before = rows(url, *CHANGING)
        finish(folder, url, *REPAIR)
        found = state(url)
        assert found.findings == {"unexpected-trigger"}  # the one that counts
        assert len(found.changed) == len(set(found.changed)) == 5
        assert rows(url, *CHANGING) == before
        server.drop(url)
        _MENDED[server.url] = found
    return _MENDED[server.url]


# The process


@dataclass
class Process:
    """A `sessionaudit` that runs; its log's lines are read as it goes."""

    popen: program.Process
    folder: Path
    log: Path

    def events(self, event: str = "") -> list[dict[str, Any]]:
        """What the log says so far, of one sort of event or all."""
        with suppress(FileNotFoundError):
            lines = self.log.read_text(encoding="utf-8").splitlines(keepends=True)
            # The last line of a process that was killed, or writes now, may be no whole one.
            found = [json.loads(line) for line in lines if line.endswith("\n")]
            return [one for one in found if event in {"", one["event"]}]
        return []

    def kill(self) -> None:
        """End it as nobody can prevent."""
        self.popen.kill()
        self.popen.wait()

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self.popen.send_signal(signal.SIGINT)

    def end(self, code: int | None = None) -> str:
        """Wait until it ends by itself, and give what it said on stderr."""
        self.popen.wait(PATIENCE)
        said = (self.folder / "stderr").read_text(encoding="utf-8")
        assert code in {None, self.popen.returncode}, (self.popen.returncode, said)
        return said

    @property
    def output(self) -> str:
        """What it said on stdout."""
        return (self.folder / "stdout").read_text(encoding="utf-8")


@contextmanager
def running(folder: Path, url: str, *arguments: object, log: str = "log") -> Generator[Process]:
    """Start `sessionaudit` with a log in a folder, where it also works; it is killed when the block ends."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "SESSIONAUDIT_CONTRACT"))}
    logging = ["--log", log] if "--apply" in arguments else []  # nothing else is logged
    call = [*program.START, *map(str, arguments), *logging]
    with (folder / "stdout").open("w") as out, (folder / "stderr").open("w") as err:
        process = program.Process(call, stdout=out, stderr=err, cwd=folder, env={**clean, "DATABASE_URL": url})
    try:
        yield Process(process, folder, folder / log)
    finally:
        process.kill()
        process.wait()


def finish(folder: Path, url: str, *arguments: object, code: int = 0) -> str:
    """Run it to its end, which must be by a code; gives what it said on stderr."""
    with running(folder, url, *arguments) as process:
        return process.end(code)


# The server


def with_setting(url: str, name: str, value: str) -> str:
    """The URL of sessions that begin with a setting."""
    option = quote(f"-c {name}={value.replace(' ', chr(92) + ' ')}")
    return f"{url}{'&' if '?' in url else '?'}options={option}"


def until(condition: Callable[[], Any], what: str = "") -> Any:
    """Wait for a condition to come true, and give its value."""
    patience = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < patience, what or "it never came true"
        time.sleep(0.002)
    return found


def pids(connection: psycopg.Connection, query: LiteralString, without: Collection[int] = ()) -> set[int]:
    """The process ids that WAITING or OURS gives."""
    return {row[0] for row in connection.execute(query)} - set(without)


def cut(connection: psycopg.Connection, which: set[int]) -> None:
    """End server processes, and wait until they are gone."""
    for pid in which:
        connection.execute("select pg_terminate_backend(%s)", (pid,))
    until(
        lambda: not connection.execute("select 1 from pg_stat_activity where pid = any (%s)", (list(which),)).fetchone()
    )


def hold(connection: psycopg.Connection, statement: str) -> None:
    """Hold whoever runs a statement before it is committed."""
    connection.execute("insert into gate.hold values (%s)", (statement,))


def held(connection: psycopg.Connection, statement: str, without: Collection[int] = ()) -> set[int]:
    """The server processes that are held in a statement."""
    return {row[0] for row in connection.execute(HELD, (statement,))} - set(without)


def let_go(connection: psycopg.Connection, statement: str) -> None:
    connection.execute("delete from gate.hold where statement = %s", (statement,))


def done(url: str) -> list[str]:
    """The statements of DDL that were committed, but for what removes an unfinished index or concerns the gate."""
    with connect(url) as connection:
        found = [row[0] for row in connection.execute("select statement from gate.done order by number")]
    return [one for one in found if not one.startswith(("drop index concurrently ", "alter routine gate."))]


def rows(url: str, *without: str) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables but the gate's, without some columns."""
    with connect(url) as connection:
        names = [row[0] for row in connection.execute(TABLES)]
        found = {name: connection.execute(f"select to_jsonb(t) from {name} t".encode()).fetchall() for name in names}
    return {
        name: sorted(({key: value for key, value in row.items() if key not in without} for (row,) in some), key=str)
        for name, some in found.items()
    }


@dataclass
class Client:
    """Somebody else who uses a table, over and over, and notes for how long it had to wait."""

    url: str
    statement: str
    waits: list[float] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def _run(self) -> None:
        with connect(self.url) as connection:
            while not self.stop.is_set():
                begun = time.monotonic()
                connection.execute(self.statement.encode())
                self.waits.append(time.monotonic() - begun)
                self.stop.wait(0.005)

    @contextmanager
    def working(self) -> Generator[Client]:
        thread = threading.Thread(target=self._run)
        thread.start()
        try:
            yield self
        finally:
            self.stop.set()
            thread.join(PATIENCE)


@contextmanager
def beside(work: Callable[[], Any]) -> Generator[Callable[[], Any]]:
    """Do something in a thread; the block gets what waits for its end and gives its value or raises its error."""
    box: list[Any] = []

    def run() -> None:
        try:
            box.append(work())
        except BaseException as error:
            box.append(error)

    def value() -> Any:
        thread.join(PATIENCE)
        assert not thread.is_alive()
        if isinstance(box[0], BaseException):
            raise box[0]
        return box[0]

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield value
    finally:
        thread.join(PATIENCE)
