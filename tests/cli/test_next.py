"""Every command that is printed runs as it is printed, in the same folder, and is about the same as the call was."""

from __future__ import annotations

import json
import re
import secrets
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

import pytest

from calls import COMMANDS, Said, call, options, paste, printed, seen, steps
from marks import one_in, thorough
from rows import CONTRACT, MENDED, STUCK, TOMS, VISITORS
from servers import connect
from sessionaudit.cli.called import begin
from sessionaudit.cli.commands import parameters
from sessionaudit.cli.options.effect import require_effect
from sessionaudit.core.printed_commands import CALLING
from sessionaudit.demo import system

if TYPE_CHECKING:
    from collections.abc import Generator

    from conftest import MakeDatabase, Template

TOP = Path(__file__).parents[2]
LOST = "42a82365-0692-426f-b63a-c76103d4cbaf"  # a session whose request does not name it any more
FKEY = "*.session_requests_mechanic_id_fkey"
ODD = """version: 1
tables:
  '"Odd %Table"': {columns: {id: text not null, "a b": text}, constraints: {odd_pkey: primary key (id)}}
  healthy: {columns: {id: int not null}, constraints: {healthy_pkey: primary key (id)}}
invariants:
  nobody_mends:
    summary: Every row says something
    of: '"Odd %Table"'
    violations: select id from "Odd %Table" where "a b" is null
  file_is_gone:
    summary: Every row says something
    of: '"Odd %Table"'
    violations: select id from "Odd %Table" where "a b" is null
    repair: gone.sql
  is_mended:
    summary: Every row says more
    of: '"Odd %Table"'
    violations: select id from "Odd %Table" where "a b" = 'x'
    repair: mend.sql
    backfill: true
trace:
  of: '"Odd %Table" o'
  links:
    word:
      {summary: It says more, from: '"Odd %Table" p', on: p.id = o.id and p."a b" <> 'x', invariant: is_mended}
"""
MEND = """update "Odd %Table" o set "a b" = 'y' where o.id = any (%(keys)s)
returning o.id, o.id as key, 'x' as "a b_was" """
ODD_TABLES = """create table "Odd %Table" (id text constraint odd_pkey primary key, "a b" text);
create table healthy (id int constraint healthy_pkey primary key, extra int, more text);
insert into "Odd %Table" values ('-1', 'x'), ('it''s', 'x'), ('e', null)"""


class Situation(NamedTuple):
    """A call, the database it is made on, and the commands that it must print, by their first words.

    With `elsewhere` they are about other objects than the call.
    """

    words: tuple[str, ...]
    on: str
    prints: tuple[str, ...]
    without: tuple[str, ...] = ()
    elsewhere: bool = False


SITUATIONS = {
    "check": Situation(("check", "--only", "schema"), "broken", ("repair",), ("backfill",)),
    "check a part": Situation(
        ("check", "--only", "public.sessions", "--ignore", "disabled-trigger", "--statement-timeout", "9"),
        "broken",
        ("repair",),
    ),
    "check rows": Situation(
        ("check", "--only", "data"),
        "mended",
        ("backfill --all --invariant", "backfill --list --invariant"),
        ("repair",),
    ),
    "check rows that wait": Situation(
        ("check", "--only", "data"), "broken", ("repair -c",), ("backfill",), elsewhere=True
    ),
    "check what cannot be counted": Situation(
        ("check", "--only", "request_has_session"), "broken", ("repair -c",), elsewhere=True
    ),
    "check what a person decides": Situation(
        ("check", "--only", "session_has_participant"),
        "broken",
        ("repair --only", "rule blocking-column"),
        ("repair --apply",),
        elsewhere=True,
    ),
    "check all": Situation(
        ("check",), "mended", ("backfill --all --dry-run", "backfill --all --invariant"), ("repair",)
    ),
    "check a role's part": Situation(("check", "--only", "behaviour"), "broken", ("repair -c",), elsewhere=True),
    "access": Situation(("access", "--only", "lacking-access"), "broken", ("repair -c",), elsewhere=True),
    "probe": Situation(("probe",), "broken", ("repair -c",), ("probe --execute",)),
    "rehearse one": Situation(
        ("backfill", "--all", "--dry-run", "--invariant", "request_has_session"),
        "mended",
        ("check --only data", "backfill --all --invariant request_has_session"),
    ),
    "check notes": Situation(("check", "--only", "public.healthy"), "odd", (), ("repair", "backfill")),
    "check one invariant": Situation(
        ("check", "--only", "session_has_request"),
        "mended",
        ("backfill --all --invariant session_has_request",),
        ("repair",),
    ),
    "check odd": Situation(("check",), "odd", ("backfill --all --invariant is_mended",), ("repair",)),
    "repair": Situation(("repair",), "broken", ("repair --apply -c", "repair --apply --allow rewrite")),
    "repair a part": Situation(("repair", "--only", FKEY), "broken", ("repair --apply --with-data",), ("rewrite",)),
    "repair with all": Situation(
        ("repair", "--allow", "rewrite", "--with-data", "--time-zone", "UTC"), "broken", ("repair --apply -c",)
    ),
    "repair in one": Situation(
        ("repair", "--transactional"),
        "broken",
        ("repair --transactional --output repair.sql", "repair --transactional --output repair.sql --allow rewrite"),
        ("repair --apply",),
    ),
    "repair --apply": Situation(
        ("repair", "--apply", "--yes", "--allow", "not-valid", "--only", "enum-values"),
        "broken",
        ("repair --apply --allow not-valid --allow rewrite",),
    ),
    "save": Situation(
        ("repair", "--save-plan", "plan.json", "--only", "public.sessions"), "broken", ("repair --apply",)
    ),
    "trace": Situation(("trace", STUCK), "broken", ("repair -c", "backfill"), ()),
    "trace rows": Situation(("trace", TOMS), "mended", ("backfill --invariant session_has_participant", "backfill")),
    "trace a lost link": Situation(
        ("trace", LOST), "mended", ("backfill --invariant request_has_session",), ("check", "repair")
    ),
    "trace odd": Situation(("trace", "--", "-1"), "odd", ("backfill",)),
    "trace well": Situation(("trace", VISITORS), "mended", ()),
    "unfit": Situation(("backfill", STUCK), "broken", ("repair -c",)),
    "mend": Situation(("backfill", STUCK), "mended", ("undo",)),
    "mend all": Situation(
        ("backfill", "--all", "--yes", "--invariant", "request_has_session"),
        "mended",
        ("undo", "backfill --dry-run", "backfill --list", "check"),
    ),
}


# Whose commands others print, too.
ALIKE = {
    *("check rows that wait", "check notes", "check one invariant", "repair a part"),
    *("trace rows", "trace well", "unfit"),
}


@pytest.fixture
def url(request: pytest.FixtureRequest, template: Template, make_database: MakeDatabase) -> str:
    texts = {"broken": system.statements(system.BROKEN), "mended": MENDED, "odd": [ODD_TABLES]}
    name = request.param
    return make_database(template(name, texts[name]))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with both contracts, neither under the usual name."""
    place = tmp_path / "my contracts"
    place.mkdir()
    shutil.copy(CONTRACT, place / "system.yaml")
    shutil.copytree(TOP / "repairs", place / "repairs")
    (place / "odd.yaml").write_text(ODD, encoding="utf-8")
    (place / "mend.sql").write_text(MEND, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("url", "situation"),
    [thorough(one.on, one) if name in ALIKE else (one.on, one) for name, one in SITUATIONS.items()],
    ids=SITUATIONS,
    indirect=["url"],
)
def test_every_printed_command_runs_as_printed(url: str, situation: Situation, folder: Path) -> None:
    contract = f"my contracts/{'odd' if situation.on == 'odd' else 'system'}.yaml"
    name, *rest = situation.words
    password = unquote(urlsplit(url).password or "")
    said = call(name, "-c", contract, "-d", url, "--role", "postgres", *rest, cwd=folder)
    assert said.code in {0, 1, 3}, said
    assert not password or password not in said.out + said.err
    for words in situation.prints:
        assert any(has_words(line, words) for line in said.commands), (words, said.commands)
    for words in situation.without:
        assert not any(has_words(line, words) for line in said.commands), (words, said.commands)
    _, given = options(f"sessionaudit {name} -c '{contract}' -d {url} --role postgres {' '.join(map(_quoted, rest))}")
    if situation.elsewhere:
        del given["--only"]
    for line in said.commands:
        keeps(line, given)
        again = paste(line, cwd=folder, **({"PGPASSWORD": password} if password else {}))
        assert again.code in {0, 1}, (line, again.err)
    if situation.prints and password:
        assert "The URL is printed without its password" in " ".join(said.err.split())


def has_words(line: str, words: str) -> bool:
    """Whether a command is the first of some words and has all the others."""
    first, *rest = words.split()
    return line.split()[1] == first and set(rest) <= set(line.split())


def _quoted(word: str) -> str:
    return shlex.quote(word)


def keeps(line: str, given: dict[str, list[str | None]]) -> None:
    """Whether a command has every option of the call that says what it is about, and no option twice."""
    name, has = options(line)
    taken = {max(one.opts, key=len) for one in COMMANDS[name].params}
    about = {"--contract", "--database-url", "--role", "--only", "--ignore", "--statement-timeout", "--time-zone"}
    if "--embedded" in has:  # which needs no database
        about -= {"--database-url", "--role", "--statement-timeout"}
    for option in about & given.keys() & taken:
        if option == "--database-url":
            assert len(has[option]) == 1, line
            assert urlsplit(str(has[option][0])).path == urlsplit(str(given[option][0])).path, line
        else:
            assert has.get(option) == given[option], line
    for option, values in has.items():
        assert len(set(values)) == len(values), f"{option} stands twice in {line}"


REPAIRING = shlex.split(
    "-c c.yaml -d postgresql://h/d --role r --apply --yes --allow all --with-data --replace e.a=b --time-zone UTC "
    "--only t --ignore u --fail-on note --before b.yaml --log l --lock-timeout 3 --lock-wait 4 --statement-timeout 5"
)


@pytest.mark.parametrize("words", [(), ("--apply",)], ids=" ".join)
def test_a_printed_line_has_no_option_without_effect(words: tuple[str, ...]) -> None:
    begin(COMMANDS["repair"].make_context("repair", [*REPAIRING]))
    CALLING.takes = parameters
    lines = [CALLING.line("repair", *words), *(CALLING.line(name) for name in ("check", "backfill", "migrations"))]
    CALLING.forget()
    assert ("--yes" in lines[0], "--allow" in lines[0]) == (bool(words), True)
    for line in lines:
        _, name, *rest = shlex.split(line)
        require_effect(COMMANDS[name].make_context(name, rest))


WITHOUT_CONTRACT = {
    "check": ("check",),
    "check a part": ("check", "--only", "data", "--ignore", "missing-table"),
    "check --accept": ("check", "--accept", "SA101:public.t"),
    "repair": ("repair", "--allow", "loosen"),
    "backfill": ("backfill", "1"),
    "backfill --list": ("backfill", "--list"),
    "trace": ("trace", "1"),
    "snapshot --update": ("snapshot", "--update"),
}


@pytest.mark.parametrize("words", WITHOUT_CONTRACT.values(), ids=WITHOUT_CONTRACT)
@pytest.mark.parametrize("named", one_in(2, [True, False]), ids=["by option", "by variable"])
def test_a_contract_that_is_not_there_is_offered_to_be_made(
    words: tuple[str, ...], named: bool, database: str, tmp_path: Path
) -> None:
    with connect(database) as connection:
        connection.execute("create table t (id int primary key)")
    file = "-my contract.yaml"
    contract = (f"./{file}",) if words[0] == "snapshot" else ("-c", file)
    password = unquote(urlsplit(database).password or "")
    there = {"DATABASE_URL": "" if named else database, **({"PGPASSWORD": password} if password and named else {})}
    said = call(*words, *contract, *(("-d", database) if named else ()), cwd=tmp_path, **there)
    assert (said.code, "does not exist" in said.err) == (2, True), said
    assert not password or password not in said.err
    assert len(said.commands) == 1, said
    made = paste(said.commands[0], cwd=tmp_path, **there)
    assert (made.code, (tmp_path / file).is_file()) == (0, True), (said.commands, made)
    again = call(*words, *contract, *(("-d", database) if named else ()), cwd=tmp_path, **there)
    assert "does not exist" not in again.err, again


PARTED = """version: 1
tables:
  mine:
    columns: {id: integer not null, more: text}
    constraints: {refers: "foreign key (id) references theirs (code)"}
  theirs:
    columns: {id: integer not null, code: integer, '"odd; name"': integer}
    constraints: {theirs_code_key: unique (code)}
"""


@pytest.fixture
def owner(database: str) -> Generator[str]:
    """A role that owns one of two tables, and the URL under which it connects."""
    name = f"sa_{secrets.token_hex(4)}"
    with connect(database) as connection:
        connection.execute(f"create role {name} login password '{name}'".encode())
        connection.execute("create table theirs (id integer not null); create table mine (id integer not null)")
        connection.execute(f"alter table mine owner to {name}".encode())
        yield (
            urlsplit(database)._replace(netloc=f"{name}:{name}@{urlsplit(database).netloc.rpartition('@')[2]}").geturl()
        )
        connection.execute(f"drop owned by {name}".encode())
        connection.execute(f"drop role {name}".encode())


@pytest.mark.parametrize("words", [(), ("--apply", "--yes"), ("--ignore", "*.nothing")], ids=" ".join)
def test_what_stands_in_the_way_is_told_first_and_the_rest_is_offered(
    words: tuple[str, ...], owner: str, tmp_path: Path
) -> None:
    (tmp_path / "c.yaml").write_text(PARTED, encoding="utf-8")
    words = tuple(word.replace("*.nothing", "*.refers") for word in words)
    said = call("repair", "-c", "c.yaml", *words, cwd=tmp_path, DATABASE_URL=owner)
    assert said.code == (5 if "--apply" in words else 0), said
    assert said.err.startswith("Nothing can run yet: "), said.err
    assert "must own public.theirs, which" in " ".join(said.err.partition("  1  ")[0].split())
    if not words:
        assert said.out.index("-- In the way: ") < said.out.index("begin;")
    (line,) = said.next
    _, given = options(line)
    names = {"public.theirs.code", 'public.theirs."odd; name"', "public.theirs.theirs_code_key"}
    assert names <= {*given["--ignore"]} <= {*names, "*.refers", "public.mine.refers"}
    done = paste(f"{line} --yes".replace("--yes --yes", "--yes"), cwd=tmp_path, DATABASE_URL=owner)
    assert done.code in {0, 1}, done
    with connect(owner) as connection:
        found = connection.execute("select column_name::text from information_schema.columns where table_name = 'mine'")
        assert {row[0] for row in found} == {"id", "more"}


def test_where_nothing_is_left_nothing_is_offered(owner: str, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(PARTED, encoding="utf-8")
    said = call("repair", "-c", "c.yaml", "--only", "theirs", cwd=tmp_path, DATABASE_URL=owner)
    assert (said.code, said.next) == (0, []), said
    assert said.err.startswith("Nothing can run yet: ")


REMOVING = """version: 1
enums: {e: [a, c], f: [a, b]}
tables: {t: {columns: {id: int, one: e, old: absent}}}
"""


def test_before_what_code_may_use_is_removed_the_search_for_it_is_offered(database: str, tmp_path: Path) -> None:
    with connect(database) as connection:
        connection.execute("create type e as enum ('a', 'b'); create type f as enum ('a')")
        connection.execute("create table t (id int, one e, old text)")
    (tmp_path / "app.ts").write_text("export const one = supabase.from('t').insert({ id: 1, one: 'b' })\n")
    (tmp_path / "c.yaml").write_text(f"{REMOVING}code: {{paths: [app.ts]}}\n", encoding="utf-8")
    (tmp_path / "no.yaml").write_text(REMOVING, encoding="utf-8")
    words = ("repair", "-d", database, "--only", "enum-values", "--only", "public.t.old", "-c")
    said = call(*words, "c.yaml", cwd=tmp_path)
    (line,) = (one for one in said.commands if " scan " in one)
    see = "Before it removes values of public.e and public.t.old, see which code uses them:\n    sessionaudit scan "
    assert see in said.err
    assert "without 'b' and with 'c'" in said.err
    scanned = paste(line, cwd=tmp_path)
    assert (scanned.code, "cannot be “b”" in scanned.out) == (1, True), scanned
    assert " scan " not in call(*words, "no.yaml", cwd=tmp_path).err


@pytest.mark.parametrize("url", ["odd"], indirect=True)
def test_what_is_held_back_is_offered_by_its_name_alone(url: str, folder: Path) -> None:
    text = """version: 1
tables: {healthy: {columns: {extra: absent}}, '"Odd %Table"': {columns: {'"a b"': absent}}}"""
    (folder / "c.yaml").write_text(text, encoding="utf-8")
    # Nothing runs, so nothing comes next but what lets it run.
    for words in ((), ("--apply", "--yes"), ("--transactional",), ("--output", "x.sql"), ("--save-plan", "x.json")):
        said = call("repair", "-c", "c.yaml", *words, cwd=folder, DATABASE_URL=url)
        offered = [line for line in said.next if "--allow" not in line]
        assert (said.code, offered, "Next" in said.err) == (int("--apply" in words), [], False), said
        releases = "--transactional --output" if "--transactional" in words else "--apply"
        assert [has_words(line, f"repair {releases} --allow data-loss") for line in said.next] == [True], said
    # The rows that hold one back even so are no question of a permission.
    said = call("repair", "-c", "c.yaml", "--allow", "all", "--ignore", "*.extra", cwd=folder, DATABASE_URL=url)
    assert [has_words(line, "repair --apply --allow all") for line in said.next] == [True], said
    said = call("repair", "-c", "c.yaml", "--allow", "all", "--apply", "--yes", cwd=folder, DATABASE_URL=url)
    assert "add: --allow" not in said.err


class Waiting(NamedTuple):
    """What a step waits for: the contract of a table, the table, and what lets it run, "" where nothing does."""

    said: str
    made: str
    offered: str
    told: str


WAITING = {
    "values that do not survive": Waiting(
        "tables: {t: {columns: {id: int not null, at: date}}}",
        "create table t (id int primary key, at timestamp); insert into t values (1, '2020-01-01 12:00')",
        "--allow data-loss --allow rewrite",
        "To run it anyway: --allow rewrite --allow data-loss",
    ),
    "values that do not survive, beside a column that goes": Waiting(
        "tables: {t: {columns: {id: int not null, at: date, gone: absent}}}",
        "create table t (id int primary key, at timestamp, gone int); insert into t values (1, '2020-01-01 12:00')",
        "--allow data-loss --allow rewrite",
        "To run it anyway: --allow rewrite --allow data-loss",
    ),
    "values that survive": Waiting(
        "tables: {t: {columns: {id: int not null, at: date}}}",
        "create table t (id int primary key, at timestamp); insert into t values (1, '2020-01-01')",
        "--allow rewrite",
        "(rewrite). To let it run: --allow rewrite",
    ),
    "values that cannot be turned": Waiting(
        "tables: {t: {columns: {id: int not null, at: date}}}",
        "create table t (id int primary key, at text); insert into t values (1, 'soon')",
        "",
        "does not fit: 1 (soon, not date)",
    ),
    "a value of an enum that is used": Waiting(
        "enums: {mood: [good]}\ntables: {t: {columns: {id: int not null, m: mood}}}",
        "create type mood as enum ('good', 'bad'); create table t (id int primary key, m mood);"
        " insert into t values (1, 'bad')",
        "",
        "holds a value that is removed",
    ),
}


@pytest.mark.parametrize("waiting", WAITING.values(), ids=WAITING)
def test_what_is_offered_is_all_that_a_step_waits_for(database: str, tmp_path: Path, waiting: Waiting) -> None:
    with connect(database) as connection:
        connection.execute(waiting.made.encode())
    (tmp_path / "expected_schema.yaml").write_text(f"version: 1\n{waiting.said}\n", encoding="utf-8")
    said = call("repair", cwd=tmp_path, DATABASE_URL=database)
    assert waiting.told in " ".join(said.err.split()), said.err
    lines = [f"sessionaudit repair --apply {waiting.offered}"] if waiting.offered else []
    assert said.next == lines
    for line in lines:
        assert paste(line, cwd=tmp_path, answer="y", DATABASE_URL=database).code == 0
        again = call("repair", cwd=tmp_path, DATABASE_URL=database)
        assert "Nothing to repair" in again.err, again


@pytest.mark.parametrize("url", ["broken"], indirect=True)
def test_what_comes_next_is_seen_last(url: str, folder: Path) -> None:
    """Warnings stand before the page, and how a plan ends below its SQL, of which stdout has nothing else."""
    shutil.copy(folder / "my contracts" / "system.yaml", folder / "expected_schema.yaml")
    shutil.copytree(folder / "my contracts" / "repairs", folder / "repairs")
    for words in (("repair",), ("repair", "--format", "json"), ("check", "--only", "schema", "--only", "data")):
        text = seen(*words, cwd=folder, DATABASE_URL=url)
        last = ": ".join(steps(text)[-1])
        assert re.sub(r" \\\n\s*", " ", text).rstrip().endswith(last), text[-600:]
        assert "warning: " in text or words[0] == "repair"
    said = call("repair", cwd=folder, DATABASE_URL=url)
    assert said.out.startswith("-- Repair of")
    assert said.out.rstrip().endswith(";")


@pytest.mark.thorough
@pytest.mark.parametrize("url", ["broken"], indirect=True)
def test_who_follows_the_commands_comes_to_the_end(url: str, folder: Path) -> None:
    """Each offers more than the one before, and none twice, until nothing is left that a command can do."""
    with connect(url) as connection:  # what to loosen a person must ask for unprompted
        connection.execute("alter table public.session_participants alter display_name drop not null")
    check, seen = "sessionaudit check -c 'my contracts/system.yaml'", list[str]()
    line: str | None = check
    while line is not None:
        said = paste(line, cwd=folder, answer="y", DATABASE_URL=url)
        seen.append(line)
        offered = [one for one in said.next if one not in seen]
        line = next(iter(offered), None if seen[-1] == check else check)
    report = call("check", "-c", "my contracts/system.yaml", "-f", "json", cwd=folder, DATABASE_URL=url)
    told = json.loads(report.out)
    errors = [one["object"] for one in told["findings"] if one["severity"] == "error"]
    assert (errors, told["skipped"]) == ([], [])
    assert len(seen) < 12, seen


@pytest.mark.parametrize("url", ["broken"], indirect=True)
@pytest.mark.skipif(not shutil.which("bash"), reason="without bash nothing is pasted")
def test_a_shell_takes_a_command_of_several_lines_for_one(url: str, folder: Path) -> None:
    from sessionaudit.core.wrapping import command

    said = call(
        "check",
        "-c",
        "my contracts/system.yaml",
        "--only",
        'public."its  odd"',
        "--only",
        "*.plan",
        cwd=folder,
        DATABASE_URL=url,
    )
    assert said.code == 2, "the first names nothing"
    said = call(
        "check",
        "-c",
        "my contracts/system.yaml",
        "--only",
        "public.sessions",
        "--only",
        "*.plan",
        cwd=folder,
        DATABASE_URL=url,
    )
    (line,) = [one for one in said.commands if one.startswith("sessionaudit repair")]
    narrow = "\n".join(command(line, 40))
    assert narrow.count(" \\\n") >= 2
    assert printed(f"Next: {narrow}") == [line]
    script = narrow.replace("sessionaudit", f"{sys.executable} -m sessionaudit")
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "alter table public.sessions" in done.stdout


@pytest.mark.parametrize("url", ["broken"], indirect=True)
@pytest.mark.parametrize(
    ("given", "where"),
    [("-d", "postgresql://"), ("DATABASE_URL", '"$DATABASE_URL"'), ("", "-1"), ("--role", "-1")],
)
def test_psql_is_sent_to_the_same_database(url: str, given: str, where: str, folder: Path) -> None:
    words = ["repair", "-c", "my contracts/system.yaml", "--output", "fix it.sql", "--transactional"]
    variables = {"DATABASE_URL": url} if given == "DATABASE_URL" else {}
    if where == "-1":
        parts = urlsplit(url)
        variables = {"PGHOST": parts.hostname or "", "PGPORT": str(parts.port), "PGUSER": unquote(parts.username or "")}
        variables |= {"PGPASSWORD": unquote(parts.password or ""), "PGDATABASE": parts.path[1:]}
    said: Said = call(
        *words, *{"-d": ["-d", url], "--role": ["--role", "postgres"]}.get(given, []), cwd=folder, **variables
    )
    (line,) = [one for one in said.commands if one.startswith("psql")]
    assert line.startswith(f"psql {where}"), line
    role = "-c 'set role \"postgres\"' " if given == "--role" else ""
    assert line.endswith(f"-1 -v ON_ERROR_STOP=1 {role}-f 'fix it.sql'")
    password = urlsplit(url).password
    assert not password or password not in said.err
    if not shutil.which("psql"):
        pytest.skip("there is no psql to paste it for")
    done = subprocess.run(
        ["sh", "-c", line],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin:/usr/local/bin", "PGPASSWORD": unquote(password or ""), **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_password_is_taken_out_of_every_spelling() -> None:
    from psycopg.conninfo import conninfo_to_dict

    from sessionaudit.postgres.masking import public

    for spelled in (
        "postgresql://me:s3cr%40t@db.internal:6543/shop?sslmode=require",
        "postgres://me:s3cr%40t@[::1]/shop",
        "postgresql://db.internal/shop?user=me&password=s3cr%40t",
        "host=db.internal dbname=shop user=me password='s3cr@t'",
        "postgresql://me:s3cr%40t@/shop?host=/run/postgresql",
    ):
        shown, withheld = public(spelled)
        assert withheld
        assert not re.search("s3cr", shown)
        assert conninfo_to_dict(shown) == {k: v for k, v in conninfo_to_dict(spelled).items() if k != "password"}
    assert public("postgresql://me@db/shop") == ("postgresql://me@db/shop", False)
