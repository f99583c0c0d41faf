"""A contract from a stranger: whatever it says, `check` and `trace` write nothing, run nothing, and name the line."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from caserunner import traces
from marks import crossed, one_in
from rows import run
from servers import connect
from sessionaudit.audits import runner
from sessionaudit.contract.loader import load
from sessionaudit.core.query import Part, Sort
from sessionaudit.errors import ContractError
from sessionaudit.postgres import effects
from sessionaudit.postgres.connection import connect as connect_safely
from sessionaudit.rulebook import REFUSED
from sessionaudit.sql.text import identifier
from sessionaudit.story.trace import Tracer

if TYPE_CHECKING:
    from collections.abc import Generator

    from servers import DatabaseServer

HEAD = """version: 1
tables:
  victim: {columns: {id: integer not null}}
  other: {columns: {id: integer not null}}
"""
PLAIN = """invariants:
  one:
    summary: Each victim has another
    of: victim
    violations: |-
      <VIOLATIONS>
"""
PAIRED = """invariants:
  one:
    summary: Each victim has another
    each: victim v
    where:
      it is: <WHERE>
    since: <SINCE>
    older_than: 1 minute
    has: other o
    "on": <ON>
"""
STORY = """trace:
  of: victim v
  since: <SINCE>
  links:
    there:
      summary: It is there
      from: other o
      "on": <ON>
      show: {what: <SHOW>}
      needed: {it is: <NEEDED>}
      as: {role: pg_monitor, claims: <CLAIMS>}
"""
SOUND = {
    "VIOLATIONS": "select v.id from victim v where v.id > 5",
    "WHERE": "true",
    "SINCE": "now() - interval '1 day'",
    "ON": "o.id = v.id",
    "SHOW": "o.id",
    "NEEDED": "true",
    "CLAIMS": "select '{}'",
}
BREAKS = (
    # In escape mode over a line break, which a scanner that does not know it takes for the end of the string.
    "'x' = E'a'\n'\\'' ) ) as b; commit; delete from public.victim; select (0) from (select (1 --'",
    "'x' = E'a' -- c\n'\\'' ); commit; delete from public.victim; select ((1 --'",
    "$a$'$a$ = '' ); commit; delete from public.victim; begin; select ((1 --'",
    "true ) or exists (select 1",
    "true) ; commit; drop table public.victim; select (true",
    "true /* ) */ ) --",
)


class Flock:
    """A database that nothing may touch: who finds it as it was made gives it to the next test."""

    def __init__(self, server: DatabaseServer) -> None:
        self._server = server
        self._url = ""
        self._before: tuple[object, ...] = ()

    def url(self) -> str:
        if not self._url:
            self._url = self._server.create()
            with connect(self._url) as connection:
                connection.execute(
                    """create table victim (id int primary key); insert into victim select generate_series(1, 5);
                       create table other (id int primary key); insert into other select id from victim"""
                )
                self._before = _state(connection)
        return self._url

    def back(self) -> None:
        with connect(self._url) as connection:
            same = _state(connection) == self._before
        if not same:
            self.end()

    def end(self) -> None:
        if self._url:
            self._server.drop(self._url)
        self._url = ""


def _state(connection: psycopg.Connection) -> tuple[object, ...]:
    rows = "select x.xmin::text, x.id from {} x order by x.id"
    tables = [connection.execute(rows.format(name).encode()).fetchall() for name in ("victim", "other")]
    return traces(connection), tables, connection.execute("select * from pg_db_role_setting").fetchall()


@pytest.fixture(scope="module")
def flock(server: DatabaseServer) -> Generator[Flock]:
    one = Flock(server)
    yield one
    one.end()


@pytest.fixture
def sheep(flock: Flock) -> Generator[str]:
    yield flock.url()
    flock.back()


def written(folder: Path, form: str, **said: str) -> tuple[str, ...]:
    text = form
    for word, sound in SOUND.items():
        sql = said.get(word, sound)
        value = sql.replace("\n", "\n      ") if word == "VIOLATIONS" else json.dumps(sql)
        text = text.replace(f"<{word}>", value)
    (folder / "c.yaml").write_text(HEAD + text, encoding="utf-8")
    return ("-c", str(folder / "c.yaml"))


def untouched(url: str) -> bool:
    with connect(url) as connection:
        return connection.execute("select count(*) from public.victim").fetchone() == (5,)


def judged(url: str, folder: Path, form: str, **said: str) -> str:
    """What is said against a contract by whoever runs its SQL, with its place; "" where it is run."""
    path = Path(written(folder, form, **said)[1])
    try:
        if form == STORY:
            with connect_safely(url) as connection:
                list(Tracer(connection, load(path), ()).tell("1"))
        else:
            report = runner.run(url, path, runner.Options(only=("data",)))
            assert not report.skipped, report.skipped
            for one in report.findings:
                if one.rule is REFUSED:
                    assert report.totals["invariant"] == 0
                    return f"{one.location}: {one.message}"
    except ContractError as error:
        return str(error) if error.location else ""
    finally:
        assert untouched(url)
    return ""


def refused(folder: Path, url: str, *call: str) -> str:
    """Run a command that must refuse the contract at a place, and touch nothing; what it says."""
    result = run(*call, url=url, cwd=folder)
    if "SA004" in result.stdout:  # beside what else was found
        assert result.returncode == 1, (result.stdout, result.stderr)
        said = " ".join(result.stdout.split())
        assert re.search(r'SA004.*c\.yaml(:|", "line": )\d+', said), said
        if said.startswith("{"):
            assert not any(one["fix"] for one in json.loads(result.stdout)["findings"])
        assert "Clean" not in said
        assert untouched(url)
        return said
    if call[0] == "repair" and "refused-contract" in result.stdout + result.stderr:  # nothing is made of it
        assert result.returncode == int("--apply" in call), (result.stdout, result.stderr)
        script = [line for line in result.stdout.splitlines() if line.strip() and not line.startswith("--")]
        assert [line for line in script if not line.startswith(("set ", "reset ", "\\"))] == []
        assert untouched(url)
        return result.stdout + result.stderr
    assert result.returncode == 2, (result.stdout, result.stderr)
    assert re.search(r"^error: .*c\.yaml:\d+:\d+: ", result.stderr), result.stderr
    assert "Clean" not in result.stdout
    assert "this is a bug" not in result.stderr
    assert untouched(url)
    return result.stderr


def test_the_sound_ones_pass(sheep: str, tmp_path: Path) -> None:
    for form in (PLAIN, PAIRED, STORY):
        assert run("check", *written(tmp_path, form), url=sheep).returncode == 0
    result = run("trace", "1", *written(tmp_path, STORY), url=sheep)
    assert "pg_monitor" in result.stdout + result.stderr or result.returncode in {0, 1, 3}


def test_a_string_that_goes_on_in_escape_mode(sheep: str, tmp_path: Path) -> None:
    """The very case that once deleted the rows, said “Clean” and ended with 0."""
    text = (
        "select 1 where 'x' = E'a'\n'\\'' ) ) as b; commit; delete from public.victim; select (0) from (select (1 --'"
    )
    refused(tmp_path, sheep, "check", *written(tmp_path, PLAIN, VIOLATIONS=text))


@pytest.mark.parametrize(("word", "text"), crossed(2, ["VIOLATIONS", "WHERE", "SINCE", "ON"], BREAKS))
def test_an_invariant_cannot_leave_its_place(sheep: str, tmp_path: Path, word: str, text: str) -> None:
    form = PLAIN if word == "VIOLATIONS" else PAIRED
    said = f"select 1 where {text}" if word == "VIOLATIONS" else text
    assert judged(sheep, tmp_path, form, **{word: said})


@pytest.mark.parametrize(("word", "text"), crossed(3, ["SINCE", "ON", "SHOW", "NEEDED", "CLAIMS"], BREAKS))
def test_a_story_cannot_leave_its_place(sheep: str, tmp_path: Path, word: str, text: str) -> None:
    said = f"select 1 where {text}" if word == "CLAIMS" else text
    assert judged(sheep, tmp_path, STORY, **{word: said})


# What has effects

EFFECTS = (
    "pg_sleep(0) is null",
    '"pg_sleep"(0) is null',
    "pg_catalog.pg_sleep(0) is null",
    'pg_catalog . "pg_sleep" /* here */ (0) is null',
    'U&"pg\\005fsleep"(0) is null',
    "U&\"pg!005fsleep\" uescape '!' (0) is null",
    "(0).pg_sleep is null",
    "('PG_VERSION'::text).pg_read_file is null",
    "PG_Terminate_Backend(0)",
    "pg_read_file('PG_VERSION')::int > 0",
    "pg_ls_dir('.') is null",
    "pg_stat_file('PG_VERSION') is null",
    "lo_import('/etc/passwd') > 0",
    "set_config('role', 'none', true) is null",
    "pg_advisory_lock(1) is null",
    "pg_reload_conf()",
    "nextval('s') > 0",
    "pg_notify('a', 'b') is null",
    "query_to_xml('select pg_sleep(0)', true, true, '') is null",
    "database_to_xml(true, true, '') is null",
    "exists (select from ts_stat('select null::tsvector'))",
    "exists (select from pg_hba_file_rules)",
    "exists (select from pg_catalog.pg_file_settings)",
    "exists (select from pg_shadow)",
    "exists (select from pg_authid)",
    "exists (select from pg_create_physical_replication_slot('x'))",
    "exists (select from victim for update)",
    "E'a'\n'\\'' = '' or pg_sleep(0) is null --'",
)


@pytest.mark.parametrize("text", [*one_in(3, EFFECTS), "setval('s', 7) > 0"])
def test_what_does_more_than_give_a_result_is_refused(sheep: str, tmp_path: Path, text: str) -> None:
    error = judged(sheep, tmp_path, PAIRED, WHERE=text)
    assert "c.yaml:10:" in error
    assert "SQL that only reads" in error


@pytest.mark.parametrize("word", ["SINCE", "ON", "SHOW", "NEEDED", "CLAIMS"])
def test_nor_does_a_story_call_it(sheep: str, tmp_path: Path, word: str) -> None:
    said = "select pg_sleep(0)::text" if word == "CLAIMS" else "pg_sleep(0) is null"
    assert "pg_sleep" in judged(sheep, tmp_path, STORY, **{word: said})


@pytest.mark.parametrize(
    "text",
    ["random() >= 0", "gen_random_uuid() is not null", "clock_timestamp() > timestamptz 'epoch'",
     "exists (select from pg_class where pg_relation_size(oid) >= 0)", "now() > 'epoch'", "'pg_sleep(1)' <> ''",
     "exists (select from (select 1 as pg_sleep) x)", "nap() = 1", "current_setting('a.b', true) is null",
     "exists (select from pg_stat_activity)", "(v.id).abs > 0"],
)  # fmt: skip
def test_what_only_gives_a_result_is_run(sheep: str, tmp_path: Path, text: str) -> None:
    with connect(sheep) as connection:
        connection.execute("create function nap() returns int volatile language sql as 'select 1'")
    assert judged(sheep, tmp_path, PAIRED, WHERE=text) == ""


def test_an_extensions_functions_are_known_wherever_they_live(sheep: str, tmp_path: Path) -> None:
    with connect(sheep) as connection:
        available = {row[0] for row in connection.execute("select name from pg_available_extensions")}
        if "hstore" not in available or "dblink" not in available:
            pytest.skip("this server has no dblink")
        connection.execute("create schema kept; create extension dblink schema kept")
    error = refused(tmp_path, sheep, "check", *written(tmp_path, PAIRED, WHERE="kept.dblink_exec('', '') = ''"))
    assert "dblink_exec" in error
    with connect(sheep) as connection:  # another function of that name is the owner's own affair
        connection.execute("create function dblink_exec(text) returns int immutable language sql as 'select 1'")
    result = run("check", *written(tmp_path, PAIRED, WHERE="dblink_exec('') = 1"), url=sheep)
    assert result.returncode == 0, result.stderr


def test_every_volatile_function_of_the_server_is_refused_unless_it_is_known_to_do_nothing(database: str) -> None:
    with connect_safely(database) as connection:
        found = connection.execute(
            "select distinct proname::text from pg_proc where pronamespace = 'pg_catalog'::regnamespace"
            " and provolatile = 'v' and prokind = 'f'"
        ).fetchall()
        names = {row[0] for row in found}
        parts = [Part(Sort.EXPRESSION, f"{identifier(name)}()") for name in sorted(names)]
        refused = {part.text[1:-3] for part, _, _ in effects.found(connection, parts)}
    assert names - refused == names & effects.HARMLESS
    assert len(refused) > 100


# What is said of rows


@pytest.mark.thorough
def test_no_error_holds_what_was_read(sheep: str, tmp_path: Path) -> None:
    with connect(sheep) as connection:
        connection.execute(
            """create table secrets (word text); insert into secrets values ('hunter"2 is the password');
               create function tells() returns int language plpgsql as $$
                 begin raise exception 'it is %', (select word from secrets); end $$"""
        )
    for text in (
        "(select word::int > 0 from secrets)",
        "(select word::jsonb is null from secrets)",
        "(select word::regclass is null from secrets)",
        "(select word::regtype is null from secrets)",
        "(select word::timestamptz is null from secrets)",
        "(select to_date(word, 'YYYY') is null from secrets)",
        "tells() > 0",
    ):
        for call, form in ((("check",), PAIRED), (("check", "--format", "json"), PAIRED)):
            result = run(*call, *written(tmp_path, form, WHERE=text), url=sheep)
            assert result.returncode == 3 or "SA004" in result.stdout, (text, result.stdout)
            assert "hunter" not in result.stdout + result.stderr, text
            assert "password" not in result.stdout + result.stderr, text
        result = run("trace", "1", *written(tmp_path, STORY, NEEDED=text), url=sheep)
        assert result.returncode in {2, 3}, (text, result.stdout)
        assert "hunter" not in result.stdout + result.stderr, text
        assert "password" not in result.stdout + result.stderr, text


def test_the_contracts_own_words_are_told(sheep: str, tmp_path: Path) -> None:
    assert "nonsense" in refused(tmp_path, sheep, "check", *written(tmp_path, PAIRED, WHERE="v.id = 'nonsense'"))


# Who


def test_a_superuser_is_warned_of(sheep: str, tmp_path: Path) -> None:
    result = run("check", *written(tmp_path, PAIRED), url=sheep)
    assert "superuser" in result.stderr
    told = json.loads(run("check", "--format", "json", *written(tmp_path, PAIRED), url=sheep).stdout)
    assert "superuser" in told["notes"][0]
    assert "superuser" not in run("check", "--quiet", *written(tmp_path, PAIRED), url=sheep).stderr


@pytest.fixture
def reader(sheep: str) -> str:
    with connect(sheep) as connection:
        connection.execute(
            """do $$ begin create role sa_reader; exception when duplicate_object then null; end $$;
               grant select on victim to sa_reader"""
        )
    return sheep


def test_the_roles_rights_count(reader: str, tmp_path: Path) -> None:
    call = ("check", "--role", "sa_reader")
    result = run(*call, *written(tmp_path, PAIRED), url=reader)
    assert result.returncode == 3, result.stdout  # it may not read the other table
    assert "permission denied for table other" in " ".join(result.stdout.split())
    assert "superuser" not in result.stderr
    assert run(*call, *written(tmp_path, PLAIN), url=reader).returncode == 0
    whoami = "(select current_user = 'sa_reader')"
    assert run(*call, *written(tmp_path, PLAIN, VIOLATIONS=f"select 1 where not {whoami}"), url=reader).returncode == 0
    for command in (("trace", "1"), ("repair",)):
        result = run(*command, "--role", "sa_reader", *written(tmp_path, STORY), url=reader)
        assert result.returncode in {0, 1, 3}, result.stderr


def test_a_role_that_is_not_there(reader: str, tmp_path: Path) -> None:
    result = run("check", "--role", "nobody_s", *written(tmp_path, PAIRED), url=reader)
    assert (result.returncode, "nobody_s" in result.stderr) == (2, True)


def test_a_role_lasts_for_a_transaction_through_a_pooler(reader: str, server: DatabaseServer, tmp_path: Path) -> None:
    from urllib.parse import urlsplit

    from pooler import running_pooler
    from servers import with_database

    with running_pooler(server.url, size=1) as pooler:
        pooled = with_database(pooler, urlsplit(reader).path.removeprefix("/"))
        who = "select 1 where current_user <> 'sa_reader'"
        result = run("check", "--role", "sa_reader", *written(tmp_path, PLAIN, VIOLATIONS=who), url=pooled)
        assert result.returncode == 0, result.stderr + result.stdout
        with connect(pooled) as connection:
            assert connection.execute("select current_user <> 'sa_reader'").fetchone() == (True,)


def test_a_repair_as_a_role(reader: str, tmp_path: Path) -> None:
    """Its rights count: what it makes is its own, also outside of transactions."""
    with connect(reader) as connection:
        connection.execute("alter table victim owner to sa_reader; grant create on schema public to sa_reader")
    contract = tmp_path / "r.yaml"
    contract.write_text(
        "version: 1\ntables:\n  made: {columns: {id: integer}}\n"
        "  victim: {columns: {id: integer not null, note: text}, indexes: {victim_note: using btree (note)}}\n"
    )
    call = ("repair", "--apply", "--yes", "--role", "sa_reader", "-c", str(contract))
    result = run(*call, url=reader, cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    with connect(reader) as connection:
        found = connection.execute(
            "select relname, relowner::regrole::text from pg_class where relname in ('made', 'victim_note') order by 1"
        ).fetchall()
    assert found == [("made", "sa_reader"), ("victim_note", "sa_reader")]


# Files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


MENDED = """invariants:
  one:
    summary: S
    each: victim v
    has: other o
    "on": o.id = v.id
    repair: FILE
"""
CONSTRAINED = """version: 1
tables:
  victim:
    columns: {id: integer not null}
    constraints: {small: {definition: check (id < 3), repair: FILE}}
"""


def call_for(folder: Path, form: str, name: str) -> tuple[str, ...]:
    text = (HEAD + MENDED if form == "invariant" else CONSTRAINED).replace("FILE", json.dumps(name))
    (folder / "c.yaml").write_text(text, encoding="utf-8")
    options = ("backfill", "--all", "--dry-run") if form == "invariant" else ("repair", "--with-data")
    return (*options, "-c", str(folder / "c.yaml"))


FILES = (
    "/etc/passwd", "../outside.sql", "a/../../outside.sql", "link.sql", "links/outside.sql", "/dev/zero", "pipe", ".",
    "nothere.sql", "large.sql", "binary.sql", "latin.sql", "plain.sql", "ABSOLUTE", "loop", "two.sql", "commit.sql",
)  # fmt: skip


@pytest.mark.parametrize(("name", "form"), crossed(2, FILES, ["invariant", "constraint"]))
def test_a_repair_is_a_small_file_below_the_contract(sheep: str, folder: Path, form: str, name: str) -> None:
    sound = "update victim set id = id where id = any (%(keys)s) returning id -- s3cret"
    (folder.parent / "outside.sql").write_text(sound)
    (folder / "link.sql").symlink_to("../outside.sql")
    (folder / "links").symlink_to("..")
    (folder / "loop").symlink_to("loop")
    os.mkfifo(folder / "pipe")
    (folder / "large.sql").write_text(sound + " " * 2**20)
    (folder / "binary.sql").write_bytes(sound.encode() + b"\0")
    (folder / "latin.sql").write_bytes(sound.encode() + b"\xe9")
    (folder / "plain.sql").write_text("update victim set id = 's3cret'")
    (folder / "two.sql").write_text(f"{sound}\n; delete from victim -- s3cret")
    (folder / "commit.sql").write_text("commit -- %(keys)s s3cret")
    (folder / "fine.sql").write_text(sound)
    named = str(folder / "fine.sql") if name == "ABSOLUTE" else name
    result = run(*call_for(folder, form, named), url=sheep, cwd=folder)
    assert result.returncode == 2, (result.stdout, result.stderr)
    assert re.search(r"(c\.yaml|two\.sql|commit\.sql):\d+:\d+: ", result.stderr), result.stderr
    assert "s3cret" not in result.stderr + result.stdout
    assert untouched(sheep)


@pytest.mark.parametrize("form", ["invariant", "constraint"])
def test_a_repair_may_be_a_link_within_the_folder(sheep: str, folder: Path, form: str) -> None:
    (folder / "deep").mkdir()
    (folder / "deep" / "fine.sql").write_text("update victim set id = id where id = any (%(keys)s) returning id")
    (folder / "link.sql").symlink_to("deep/fine.sql")
    result = run(*call_for(folder, form, "link.sql"), url=sheep, cwd=folder)
    assert result.returncode in {0, 1}, result.stderr


@pytest.mark.parametrize("name", ["/dev/zero", "."])
def test_the_contract_itself_is_bounded(sheep: str, folder: Path, name: str) -> None:
    result = run("check", "-c", name, url=sheep, cwd=folder)
    assert result.returncode == 2, result.stderr
    assert "this is a bug" not in result.stderr


def test_a_contract_from_a_pipe_is_read_once(sheep: str, folder: Path) -> None:
    """Its place is told from what came, for nobody writes it a second time."""
    import threading

    os.mkfifo(folder / "pipe")
    written(folder, PAIRED, WHERE="nothere")
    text = (folder / "c.yaml").read_text()
    writer = threading.Thread(target=(folder / "pipe").write_text, args=(text,))
    writer.start()
    result = run("check", "-c", str(folder / "pipe"), url=sheep, cwd=folder)
    writer.join()
    assert (result.returncode, "pipe:10" in result.stdout) == (1, True)


# What repair prints and runs


@pytest.mark.parametrize(
    "line",
    ["note: \"text default '', drop column id\"", "note: \"text default E'a'\\n'\\\\'' , drop column id --'\"",
     "note: \"text default 1) , (2\"", "note: \"integer generated always as (id) stored, drop column id --) stored\""],
)  # fmt: skip
def test_a_default_is_one_expression(sheep: str, tmp_path: Path, line: str) -> None:
    (tmp_path / "c.yaml").write_text(
        f"version: 1\ntables:\n  victim:\n    columns:\n      id: integer not null\n      {line}\n"
    )
    for call in (("repair",), ("repair", "--apply", "--yes"), ("check", "--format", "json")):
        refused(tmp_path, sheep, *call, "-c", str(tmp_path / "c.yaml"))


@pytest.mark.parametrize(
    "constraint",
    ["check (true), drop column id", "check (true) or (true)", "check (E'a'\\n'\\\\'') , drop column id --')",
     "check (id = pg_backend_pid() or pg_terminate_backend(0))", "check (pg_sleep(0) is null)"],
)  # fmt: skip
def test_a_check_is_one_expression_that_only_gives_a_result(sheep: str, tmp_path: Path, constraint: str) -> None:
    (tmp_path / "c.yaml").write_text(
        "version: 1\ntables:\n  victim:\n    columns: {id: integer not null}\n"
        f'    constraints:\n      added: "{constraint}"\n'
    )
    for call in (("repair",), ("repair", "--apply", "--yes")):
        refused(tmp_path, sheep, *call, "-c", str(tmp_path / "c.yaml"))


def test_a_default_that_differs_is_held_against_the_server_alone(sheep: str, tmp_path: Path) -> None:
    with connect(sheep) as connection:
        connection.execute("alter table victim add note text default 'x'")
    (tmp_path / "c.yaml").write_text(
        "version: 1\ntables:\n  victim:\n    columns:\n      id: integer not null\n"
        "      note: \"text default E'a'\\n'\\\\'' , drop column id --'\"\n"
    )
    refused(tmp_path, sheep, "check", "-c", str(tmp_path / "c.yaml"))


def test_a_saved_plan_holds_one_statement_at_a_time(sheep: str, tmp_path: Path) -> None:
    contract = tmp_path / "c.yaml"
    contract.write_text("version: 1\ntables:\n  victim: {columns: {id: integer not null, note: text}}\n")
    plan = tmp_path / "plan.json"
    assert run("repair", "--save-plan", str(plan), "-c", str(contract), url=sheep, cwd=tmp_path).returncode == 0
    data = json.loads(plan.read_text())
    for word, value in (
        ("sql", ["alter table victim add note text; delete from victim"]),
        ("done", "false); commit; delete from victim; select (true"),
    ):
        changed = json.loads(json.dumps(data))
        changed["steps"][0][word] = value
        plan.write_text(json.dumps(changed))
        result = run("repair", "--apply", "--yes", "--plan", str(plan), "-c", str(contract), url=sheep, cwd=tmp_path)
        assert result.returncode in {2, 3}, result.stderr
        assert untouched(sheep)


def test_since_is_a_value(sheep: str, tmp_path: Path) -> None:
    (tmp_path / "fine.sql").write_text("insert into other select id from victim where id = any (%(keys)s) returning id")
    (tmp_path / "c.yaml").write_text(
        HEAD + MENDED.replace("FILE", "fine.sql").replace("    has:", "    since: now()\n    has:")
    )
    call = ("backfill", "--all", "--yes", "--since", "now'); delete from victim; --", "-c", str(tmp_path / "c.yaml"))
    result = run(*call, url=sheep, cwd=tmp_path)
    assert result.returncode == 2, result.stderr
    assert untouched(sheep)


def test_the_demo_contract_passes_whole(good: str) -> None:
    assert run("check", "--only", "data", url=good).returncode == 0
    with pytest.raises(psycopg.errors.SyntaxError), connect_safely(good) as connection:
        connection.execute("select 1; select 2")
