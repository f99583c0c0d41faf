"""How a call ends: never clean where nothing was looked at, with the code that says what is left, within the width."""

from __future__ import annotations

import json
import os
import pty
import re
import resource
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from calls import call, paste
from marks import thorough
from rows import CONTRACT, MENDED, STUCK, TOMS, start
from servers import connect
from sessionaudit.demo import system
from terminals import screen

if TYPE_CHECKING:
    from conftest import MakeDatabase, Template

TOP = Path(__file__).parents[2]
TABLES = """create table t (id int constraint t_pkey primary key, v text);
create table pair (a int, b int, primary key (a, b));
insert into t values (1, 'x'), (2, null); insert into pair values (1, 2);
create type mood as enum ('sad', 'happy', 'gone'); create table m (id int primary key, mood mood);
insert into m values (1, 'gone')"""
BASE = """version: 1
tables:
  t: {columns: {id: int not null, v: text}, constraints: {t_pkey: primary key (id)}}
"""
FULL = """version: 1
tables:
  t: {columns: {id: int not null, v: text}, constraints: {t_pkey: primary key (id)}}
invariants:
  said: {summary: Every row says something, of: t, violations: select id from t where v is null, repair: mend.sql}
"""
MEND = "update t set v = 'y' where id = any (%(keys)s) returning id, id as key, null::text as v_was"


@pytest.fixture
def url(template: Template, make_database: MakeDatabase) -> str:
    return make_database(template("ends", [TABLES]))


@pytest.fixture
def broken(template: Template, make_database: MakeDatabase) -> str:
    return make_database(template("broken", system.statements(system.BROKEN)))


@pytest.fixture
def mended(template: Template, make_database: MakeDatabase) -> str:
    return make_database(template("mended", MENDED))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mend.sql").write_text(MEND, encoding="utf-8")
    return tmp_path


def write(folder: Path, text: str) -> None:
    (folder / "expected_schema.yaml").write_text(text, encoding="utf-8")


# Clean, and what was looked at


@pytest.mark.parametrize(
    ("contract", "words", "left"),
    [
        (BASE, ("--only", "data"), False),
        (BASE, ("--only", "SA101"), False),
        (BASE, ("--only", "enum-*"), False),
        (BASE, ("--only", "orphaned-rows"), False),
        (BASE, ("--ignore", "*"), False),
        (BASE, ("--ignore", "schema"), False),
        (BASE, ("--ignore", "S*"), False),
        (BASE, ("--only", "t.v", "--ignore", "t"), False),
        (FULL, ("--only", "data", "--ignore", "data"), False),
        (FULL, ("--only", "said", "--ignore", "data"), False),
        (BASE, ("--ignore", "data"), True),
        (BASE, ("--only", "schema"), True),
        (BASE, ("--only", "unexpected-policy"), True),  # of which the table may have one
        (BASE, ("--only", "unexpected-column"), True),
        ("version: 1\ntables: {t: {}}\n", ("--only", "unexpected-column"), False),  # which nobody asked about
        (BASE, ("--only", "t.v"), True),
        (FULL, ("--only", "data"), True),
        (FULL, ("--only", "broken-invariant"), True),
    ],
    ids=str,
)
def test_a_call_that_leaves_nothing_to_look_at_is_refused(
    url: str, folder: Path, contract: str, words: tuple[str, ...], left: bool
) -> None:
    write(folder, contract)
    said = call("check", *words, cwd=folder, DATABASE_URL=url)
    assert (said.code != 2) == left, said
    assert ("nothing is left to check" in " ".join(said.err.split())) != left
    if not left:
        assert said.out == ""
        assert call("repair", *words, cwd=folder, DATABASE_URL=url).code == 2


@pytest.mark.parametrize(
    ("table", "query", "strays"),
    [
        ("t", "select id from t where v = 'none'", 0),
        ("t", "select id from t where v is null", 0),
        ("t", "select id + 100 from t", 2),
        ("t", "select null::int from t where v is null", 1),
        ("t", "select id from t where v is null union all select 7", 1),
        ("pair", "select a, b from pair", 0),
        ("pair", "select b, a from pair", 1),
        ("pair", "values (1, 2), (1, null::int), (3, 3)", 2),
        ("t", "with x as (select 9 as id) select id from x", 1),
    ],
)
def test_what_an_invariant_returns_is_a_key_or_it_is_not_clean(
    url: str, folder: Path, table: str, query: str, strays: int
) -> None:
    write(folder, f"{BASE}invariants:\n  i: {{summary: No row, of: {table}, violations: {json.dumps(query)}}}\n")
    said = call("check", "-c", "expected_schema.yaml", "--format", "json", cwd=folder, DATABASE_URL=url)
    report = json.loads(said.out)
    assert len(report["skipped"]) == bool(strays), report
    if strays:
        assert f"returned {strays} value" in report["skipped"][0]["reason"]
        assert said.code in {1, 3}
        assert "Clean" not in call("check", cwd=folder, DATABASE_URL=url).out


def test_backfill_does_not_say_that_it_holds_where_that_is_not_known(url: str, folder: Path) -> None:
    write(folder, FULL.replace("where v is null", "where v is null union all select 7"))
    said = call("backfill", "--all", "--yes", cwd=folder, DATABASE_URL=url)
    assert said.code == 3, said
    assert "It holds now" not in said.err
    assert "could not be verified" in " ".join(said.err.split())


def test_clean_after_a_repair_says_what_was_not_counted(url: str, folder: Path) -> None:
    write(folder, FULL.replace("v: text", "v: text, w: int"))
    said = call("repair", "--apply", "--yes", cwd=folder, DATABASE_URL=url)
    assert said.code == 0, said
    assert "(1 invariant not counted)" in " ".join(said.out.split())
    for words, left in ((), 0), (("--only", "SA204"), 1), (("--only", "t"), 1), (("--only", "data"), 0):
        told = call("check", "-f", "json", *words, cwd=folder, DATABASE_URL=url)
        assert json.loads(told.out)["uncounted"] == left, words


@pytest.mark.parametrize(
    ("object_", "rule", "severity"),
    [
        ("public.t.v", "column-type", "note"),
        ("public.tt.v", "column-type", "warning"),
        ("t.*", "missing-index", "note"),
        ("other.*", "missing-index", "warning"),
        ("said", "orphaned-rows", "note"),
        ("sed", "broken-invariant", "warning"),
        ("said", "broken-invariant", None),
        ("public.t.w", "missing-column", None),
    ],
)
def test_a_waiver_that_covers_nothing_is_told_of(
    url: str, folder: Path, object_: str, rule: str, severity: str | None
) -> None:
    waivers = f"waivers:\n- {{rule: {rule}, object: {object_!r}, reason: later, until: 2100-01-01}}\n"
    write(folder, FULL.replace("v: text", "v: text, w: int") + waivers)
    told = json.loads(call("check", "-f", "json", cwd=folder, DATABASE_URL=url).out)["findings"]
    idle = [one["severity"] for one in told if one["rule"] == "idle-waiver"]
    assert idle == ([severity] if severity else [])
    if "invariant" in rule or "rows" in rule:  # what was not counted is not judged
        told = json.loads(call("check", "-f", "json", "--only", "schema", cwd=folder, DATABASE_URL=url).out)["findings"]
        assert [one for one in told if one["rule"] == "idle-waiver"] == []


@pytest.mark.parametrize("words", [(), ("--only", "schema"), ("--ignore", "missing-table")])
@pytest.mark.parametrize("full", [True, False])
def test_a_waiver_that_covers_nothing_is_told_of_whatever_audit_looks_there(
    url: str, folder: Path, words: tuple[str, ...], *, full: bool
) -> None:
    """Also where the contract has no invariants, so that the audit of the data has nothing to look at."""
    schema = {"uncertain": "public.t", "misnamed-object": "t.*", "missing-column": "public.t.x"}
    data = {"broken-invariant": "sed", "refused-contract": "said"}
    waivers = "".join(
        f"- {{rule: {rule}, object: {object_!r}, reason: later, until: 2100-01-01}}\n"
        for rule, object_ in {**schema, **data}.items()
    )
    write(folder, f"{FULL if full else FULL.partition('invariants:')[0]}waivers:\n{waivers}")
    told = json.loads(call("check", "-f", "json", *words, cwd=folder, DATABASE_URL=url).out)["findings"]
    idle = {re.findall(r"[a-z-]+", one["object"])[1] for one in told if one["rule"] == "idle-waiver"}
    assert idle == {*schema, *(() if words else data)}


def test_grants_of_nobody_are_judged_as_columns_of_nobody_are(url: str, folder: Path) -> None:
    with connect(url) as connection:
        connection.execute("grant select on t to pg_monitor, public")
    write(folder, "version: 1\ntables: {t: {grants: {}, columns: {}}, m: {}}\n")
    told = json.loads(call("check", "-f", "json", cwd=folder, DATABASE_URL=url).out)["findings"]
    assert {(one["rule"], one["object"]) for one in told if "grant" in one["rule"]} == {
        ("unexpected-grant", "grant public.t.pg_monitor"),
        ("public-grant", "grant public.t.public"),
    }


def test_a_table_and_what_is_on_it_are_one_group(url: str, folder: Path) -> None:
    write(folder, BASE.replace("v: text}", "v: int}, row_security: enabled") + "  other: {columns: {a: int}}\n")
    said = call("check", cwd=folder, DATABASE_URL=url)
    headings = [
        line.split("  ")[0] for line in said.out.splitlines() if re.search(r" {3}\d+ (error|warning|note)", line)
    ]
    assert sorted(headings) == ["public.other", "public.t"], said


@pytest.mark.parametrize("section", ["languages", "subscriptions"])
def test_what_is_planned_is_said_to_be_not_looked_at_yet(tmp_path: Path, section: str) -> None:
    write(tmp_path, f"{BASE}{section}: {{}}\n")
    said = call("check", cwd=tmp_path)
    assert said.code == 2
    assert f"“{section}” is not supported yet" in said.err
    write(tmp_path, f"{BASE}{section[:-1]}x: {{}}\n")
    assert "unknown key" in call("check", cwd=tmp_path).err


@pytest.mark.parametrize(
    ("schema", "name"), [("'\"My Schema\"'", "My Schema"), ("My Schema", "My Schema"), ('\'"a""b"\'', 'a"b')]
)
def test_the_schema_may_be_spelled_as_sql_has_it(tmp_path: Path, schema: str, name: str) -> None:
    from sessionaudit.contract.loader import load

    write(tmp_path, f"version: 1\nschema: {schema}\ntables: {{t: {{}}}}\n")
    contract = load(tmp_path / "expected_schema.yaml")
    assert contract.schema == name
    assert list(contract.objects["table"]) == [(name, "t")]


@pytest.mark.parametrize(
    "type_",
    [
        "float(a)",
        "float()",
        "numeric(a)",
        "varchar(a)",
        "varchar()",
        "timestamp(x) with time zone",
        "bit(1 2)",
        "interval(z)",
    ],
)
@pytest.mark.parametrize("place", ["a: {}", "a: int default 1::{}", "f"])
def test_a_type_with_odd_modifiers_is_refused_and_no_bug(url: str, tmp_path: Path, type_: str, place: str) -> None:
    if place == "f":
        write(tmp_path, f"version: 1\nfunctions:\n  'f(x {type_})': returns int language sql as 'select 1'\n")
    else:
        write(tmp_path, f"version: 1\ntables:\n  t:\n    columns:\n      {place.format(type_).replace('a:', 'v:')}\n")
    said = call("check", cwd=tmp_path, DATABASE_URL=url)
    assert said.code in ({2} if "default" not in place else {0, 1, 2}), said
    assert "bug" not in said.err


# What is left, and the exit code


def test_a_no_leaves_the_same_code_everywhere(url: str, folder: Path) -> None:
    write(folder, FULL.replace("v: text", "v: text, w: int"))
    where = {"DATABASE_URL": url}
    assert call("repair", "--apply", cwd=folder, answer="n", **where).code == 1
    assert call("repair", "--apply", cwd=folder, answer="y", **where).code == 0
    assert call("backfill", "--all", "--journal", "j", cwd=folder, answer="n", **where).code == 1
    assert call("backfill", "--all", "--journal", "j", cwd=folder, answer="y", **where).code == 0
    assert call("undo", "j", cwd=folder, answer="n", **where).code == 1
    assert call("undo", "j", cwd=folder, answer="y", **where).code == 0
    with connect(url) as connection:
        connection.execute("alter table t add constraint odd check (id > 0)")
    write(folder, BASE.replace("primary key (id)}", "primary key (id), odd: absent}"))  # a warning at most
    assert call("repair", "--apply", "--allow", "all", cwd=folder, answer="n", **where).code == 1


@pytest.mark.parametrize("words", [("backfill", "--all", "--yes"), ("backfill", "2")], ids=" ".join)
@pytest.mark.parametrize("where", ["--journal", "XDG_STATE_HOME"])
def test_a_journal_that_cannot_be_written_is_no_wrong_call(
    url: str, folder: Path, words: tuple[str, ...], where: str
) -> None:
    write(folder, FULL if "--all" in words else FULL.replace("repair: mend.sql", "repair: mend.sql, backfill: true"))
    (folder / "file").write_text("")
    given = ("--journal", "file/j") if where == "--journal" else ()
    state = {"XDG_STATE_HOME": str(folder / "file")} if where != "--journal" else {}
    said = call(words[0], *given, *words[1:], cwd=folder, DATABASE_URL=url, **state)
    assert said.code == 5, said
    with connect(url) as connection:
        assert connection.execute("select count(*) from t where v is null").fetchone() == (1,)


def test_the_way_back_that_cannot_be_written_ends_before_any_change(url: str, folder: Path) -> None:
    write(folder, BASE.replace("v: text", "v: text, w: int"))
    (folder / "file").write_text("")
    said = call("repair", "--apply", "--yes", cwd=folder, DATABASE_URL=url, XDG_STATE_HOME=str(folder / "file"))
    assert (said.code, "--before FILE" in said.err) == (5, True), said
    said = call("repair", "--apply", "--yes", "--before", "file/b", cwd=folder, DATABASE_URL=url)
    assert (said.code, "--before" in said.err) == (2, True), said
    assert call("check", cwd=folder, DATABASE_URL=url).code == 1


def test_the_way_back_names_the_command_that_goes_it(url: str, folder: Path) -> None:
    write(folder, BASE.replace("v: text", "v: text not null default 'z'"))
    with connect(url) as connection:
        connection.execute("delete from t where v is null")
    said = call("repair", "--apply", "--yes", "--before", "b.yaml", "-d", url, cwd=folder)
    (line,) = re.findall(r"^#   (sessionaudit .*)$", (folder / "b.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    assert (urlsplit(url).password or "none") not in (folder / "b.yaml").read_text(encoding="utf-8")
    assert said.code in {0, 1}
    back = paste(line, cwd=folder, answer="n", PGPASSWORD=urlsplit(url).password or "")
    assert back.code in {0, 1}, back


@pytest.mark.parametrize(
    ("choice", "said"),
    [("mood.gonne=sad", "has no value “gonne”"), ("mood.gone=sadd", "is not expected either"), ("mood.gone=sad", "")],
)
def test_a_misspelt_value_is_refused(url: str, folder: Path, choice: str, said: str) -> None:
    write(folder, "version: 1\nenums: {mood: [sad, happy]}\ntables: {m: {columns: {id: int not null, mood: mood}}}\n")
    words = ("repair", "--apply", "--yes", "--allow", "rewrite", "--allow", "data-loss", "--replace", choice)
    told = call(*words, cwd=folder, DATABASE_URL=url)
    assert told.code == (2 if said else 0), told
    assert said in " ".join(told.err.split())
    if not said:  # and again, when it is done
        assert call(*words, cwd=folder, DATABASE_URL=url).code == 0


def test_the_plan_tells_of_a_data_repair_only_where_it_runs(broken: str, folder: Path) -> None:
    words = ("repair", "-c", str(CONTRACT), "--only", "*.session_requests_mechanic_id_fkey", "--allow", "not-valid")
    runs = "remap_mechanic_id.sql changes the rows in its way"
    assert runs not in " ".join(call(*words, cwd=folder, DATABASE_URL=broken).err.split())
    assert runs in " ".join(call(*words, "--with-data", cwd=folder, DATABASE_URL=broken).err.split())


@pytest.mark.parametrize(("type_", "allowed"), [("date", "rewrite"), ("jsonb", "all"), ("inet", "rewrite")])
def test_a_value_that_cannot_be_turned_is_no_matter_of_rights(url: str, folder: Path, type_: str, allowed: str) -> None:
    write(folder, BASE.replace("v: text", f"v: {type_}"))
    told = " ".join(call("repair", "--allow", allowed, cwd=folder, DATABASE_URL=url).err.split())
    assert "held back" in told
    assert "Connect as a role" not in told
    assert "first" in told.partition("held back")[2], told


@pytest.mark.parametrize(
    ("repair", "words"),
    [
        (
            "update tt set v = 'y' where id = any (%(keys)s) returning id, id as key",
            "writes to public.tt, which does not exist",
        ),
        ("select id from t where id = any (%(keys)s)", "does not write to a table"),
        ("update pair set b = 1 where a = any (%(keys)s) returning a, a as key", "no primary key of one column"),
    ],
)
def test_a_repair_of_the_wrong_table_says_which_and_why(url: str, folder: Path, repair: str, words: str) -> None:
    write(folder, FULL)
    (folder / "mend.sql").write_text(repair, encoding="utf-8")
    said = call("backfill", "--all", "--yes", cwd=folder, DATABASE_URL=url)
    assert said.code == 2
    assert words in " ".join(said.err.split()), said.err


@pytest.mark.parametrize(("number", "words"), [(1, "To repair it: "), (2, "To repair them: ")])
def test_one_row_is_no_many(url: str, folder: Path, number: int, words: str) -> None:
    write(folder, FULL)
    with connect(url) as connection:
        connection.execute("insert into t select n, null from generate_series(3, %s) n", (1 + number,))
    assert words in " ".join(call("check", cwd=folder, DATABASE_URL=url).out.split())


def test_what_is_left_is_said_with_why(url: str, folder: Path) -> None:
    write(folder, FULL)
    (folder / "mend.sql").write_text(MEND.replace("where id", "where id <> 2 and id"), encoding="utf-8")
    said = call("backfill", "--all", "--yes", "--journal", "j", cwd=folder, DATABASE_URL=url)
    told = " ".join(said.err.split())
    assert (said.code, "1 is left: 2. The repair changed nothing for it" in told) == (1, True), said
    assert call("backfill", "--all", "--yes", "--journal", "j", "--limit", "1", cwd=folder, DATABASE_URL=url).code in {
        0,
        1,
    }


# Who reads it


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("check", "--help"), ("rule",)], ids=" ".join)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_an_output_that_is_full_is_said(words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "sessionaudit", *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("error: cannot write to standard output: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [("rule",), ("check", "--help")], ids=" ".join)
def test_a_disk_that_becomes_full_is_said(words: tuple[str, ...], tmp_path: Path) -> None:
    """Also where Python itself would write what fits, and leave out the rest."""
    with (tmp_path / "part").open("wb") as part:
        done = subprocess.run(
            [sys.executable, "-m", "sessionaudit", *words],
            stdout=part,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048)),
        )
    assert (tmp_path / "part").stat().st_size == 2048
    assert (done.returncode, done.stderr.partition(":")[0]) == (2, "error"), done.stderr
    assert "cannot write to standard output: File too large" in done.stderr


def test_quiet_is_quiet(url: str, folder: Path) -> None:
    write(folder, FULL.replace("v: text", "v: text, w: int").replace("mend.sql", "mend.sql, backfill: true"))
    for words in (
        ("check", "--quiet"),
        ("repair", "--quiet", "--output", "o.sql"),
        ("repair", "--apply", "--yes", "--quiet"),
        ("backfill", "--quiet", "--dry-run", "2"),
        ("backfill", "--quiet", "--journal", "i", "2"),
        ("undo", "--quiet", "--yes", "i"),
        ("backfill", "--quiet", "--all", "--yes", "--journal", "j"),
        ("undo", "--quiet", "--yes", "j"),
    ):
        said = call(*words, cwd=folder, DATABASE_URL=url)
        assert (said.out, said.err) == ("", ""), words


def test_a_step_that_only_waited_for_a_lock_is_not_done(url: str, folder: Path) -> None:
    """Whoever interrupts it need not wonder: nothing of it ran."""
    write(folder, BASE.replace("v: text", "v: text, w: int"))
    with connect(url) as other, other.transaction():
        other.execute("lock table t in access exclusive mode")
        running = start("repair", "--apply", "--yes", "-c", "expected_schema.yaml", url=url, cwd=folder)
        assert running.stderr is not None
        lines: list[str] = []
        while not any("waiting for a lock" in line for line in lines):
            lines.append(running.stderr.readline())
            assert lines[-1], lines
        running.send_signal(signal.SIGINT)
        rest = running.communicate(timeout=60)[1]
    told = " ".join("".join([*lines, rest]).split())
    assert running.returncode == 130, told
    assert "which is not done" in told
    assert "doubt" not in told
    assert "is not known" not in told


LONG = "a_column_whose_name_is_as_long_as_names_may_be_in_a_database"


@pytest.mark.parametrize(("width", "colour"), [(80, "1"), thorough(140, "")], ids=["80 with colours", "140"])
def test_nothing_is_wider_than_the_terminal(broken: str, url: str, folder: Path, width: int, colour: str) -> None:
    write(folder, FULL.replace("v: text", f"v: text, {LONG}: int").replace("says something", "says much " * 20))
    with connect(url) as connection:
        connection.execute("insert into t select n, null from generate_series(3, 9) n; alter table t add unique (v)")
        connection.execute(f"alter table t add check (id > 0), add {LONG}x text not null default 'x'")
    of_system, small = ("-d", broken, "-c", str(CONTRACT)), ("-d", url)
    for words in (
        ("check", *of_system),
        ("repair", "--output", "o.sql", *of_system),
        ("trace", *of_system, TOMS),
        ("backfill", *of_system, STUCK),
        ("repair", "--apply", "--yes", *small),
        ("backfill", "--all", "--dry-run", *small),
        ("backfill", "--all", "--yes", "--journal", "j", *small),
        ("undo", "--yes", *small, "j"),
        ("check", "--only", "data", *small),
        ("check", *small),
        ("check", "-c", "missing.yaml"),
        ("check", "-d", "postgresql://127.0.0.1:1/nowhere"),
    ):
        said = call(*words, cwd=folder, COLUMNS=str(width), FORCE_COLOR=colour, NO_COLOR="" if colour else "1")
        text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said.out + said.err)
        # A word that cannot be broken is whole, with what stands before it.
        wide = [line for line in text.splitlines() if len(line) > width and max(map(len, line.split())) < width // 2]
        assert not wide, (words, wide)
        assert ("\x1b[" in said.out + said.err) == bool(colour) or words[0] not in {"check", "trace"} or not said.out


def test_each_stream_goes_by_its_own_width(mended: str, tmp_path: Path) -> None:
    import fcntl
    import struct
    import termios

    with connect(mended) as connection:
        connection.execute("alter table public.sessions disable trigger trg_sessions_updated")
    ends = {"out": pty.openpty(), "err": pty.openpty()}
    for name, columns in (("out", 140), ("err", 60)):
        fcntl.ioctl(ends[name][1], termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    done = subprocess.run(
        [sys.executable, "-m", "sessionaudit", "repair", "--apply", "--yes", "-c", str(CONTRACT)],
        cwd=tmp_path,
        env={**environment, "DATABASE_URL": mended, "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=ends["out"][1],
        stderr=ends["err"][1],
        check=False,
    )
    texts = {}
    for name, (master, slave) in ends.items():
        os.close(slave)
        texts[name] = "\n".join(screen(b"".join(iter(partial(_read, master), b"")).decode()))
        os.close(master)
    assert done.returncode == 0, texts
    assert 60 < max(map(len, texts["out"].splitlines())) <= 140
    assert max(len(line) for line in texts["err"].splitlines() if max(map(len, line.split()), default=0) < 40) <= 60


def _read(master: int) -> bytes:
    try:
        return os.read(master, 65536)
    except OSError:  # the other end is closed, and all is read
        return b""
