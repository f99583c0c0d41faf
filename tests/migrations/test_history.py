"""A folder is run in a private server: what each file does, where it fails and why, and what it met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from msgspec import structs

from marks import hard, taking_all, thorough
from sessionaudit.audits.migrations.history import HistoryOptions, replay_history
from sessionaudit.audits.migrations.ledgers import BY_NAME
from sessionaudit.audits.migrations.model import Migration
from sessionaudit.core.ref import ObjectRef
from sessionaudit.embedded.bounded import ReplayLimits

if TYPE_CHECKING:
    from sessionaudit.audits.migrations.effects import History, MigrationReplay

TABLE = "create table public.a (\n  id bigint primary key,\n  note text\n);\n"


def migrations(*texts: str, transactional: bool = True) -> list[Migration]:
    return [
        Migration(
            version=f"{number:04}",
            name="m",
            file=f"m/{number:04}.sql",
            text=text,
            whole_text=text,
            transactional=transactional,
        )
        for number, text in enumerate(texts, 1)
    ]


def run(*texts: str, transactional: bool = True, **options: Any) -> History:
    return replay_history(migrations(*texts, transactional=transactional), HistoryOptions(**options))


def told(file: MigrationReplay) -> list[str]:
    """What a file did, without what goes with it: the deed, the object, the line, and the facets."""
    return [
        f"{effect.deed} {effect.ref} {effect.location.line}" + "".join(f" {facet}" for facet in effect.facets)
        for effect in file.effects
        if not effect.ref.kind.startswith("grant")
    ]


def test_each_file_has_what_it_does_with_the_statement() -> None:
    history = run(
        TABLE + "create index a_note on public.a (note);\n",
        "alter table public.a alter note set not null;\nalter table public.a add column more integer;\n"
        "alter table public.a add constraint a_more check (more > 0);\ncomment on table public.a is 'x';\n",
        "alter table public.a drop column more;\n\ndrop index public.a_note;\n",
        "-- nothing\n",
    )
    assert history.whole
    assert [file.state for file in history.files] == ["applied", "applied", "applied", "empty"]
    assert told(history.files[0]) == [
        "added table public.a 1",
        "added column public.a.id 1",
        "added column public.a.note 1",
        "added key public.a.a_pkey 1",
        "added index public.a.a_note 5",
    ]
    assert told(history.files[1]) == [
        "added column public.a.more 2",
        "added check public.a.a_more 3",
        "added comment table public.a 4",
        "changed column public.a.note 1 nullability",
    ]
    assert told(history.files[2]) == [
        "dropped column public.a.more 1",
        "dropped check public.a.a_more 1",
        "dropped index public.a.a_note 3",
    ]
    note = ObjectRef("column", ("public", "a", "note"))
    made = history.made_by(note)
    assert made is not None
    assert str(made.effect.location) == "m/0001.sql:1:1"
    assert [step.effect.deed for step in history.steps[note]] == ["added", "changed"]
    expected = {one.effect.ref: one for one in history.expected(history.files[0])}
    assert "nullability" not in expected[note].facets
    assert expected[ObjectRef("index", ("public", "a", "a_note"))].model is None
    dropped = history.dropped_by(ObjectRef("index", ("public", "a", "a_note")))
    assert dropped is not None
    assert dropped.migration.version == "0003"


def test_what_a_statement_removes_is_told_at_that_statement() -> None:
    """Each column has its own statement; a comment is no object of which PostgreSQL tells that it went."""
    granted = "alter default privileges in schema public grant select on tables to public;\n"
    comment = "comment on table public.a is 'x';\ncomment on column public.a.id is 'y';\n"
    history = run(
        TABLE + granted + comment,
        "alter table public.a drop column note;\nalter table public.a add b integer, add c integer;\n",
        "alter table public.a drop column c;\nalter table public.a drop column b;\n",
        granted.replace("grant", "revoke").replace(" to ", " from "),
        comment.replace("'x'", "null").replace("'y'", "null"),
    )
    assert told(history.files[2]) == ["dropped column public.a.b 2", "dropped column public.a.c 1"]
    assert told(history.files[3]) == ["dropped default privileges postgres.public 1"]
    assert told(history.files[4]) == ["dropped comment column public.a.id 2", "dropped comment table public.a 1"]


@pytest.mark.parametrize(
    ("texts", "state", "place", "advice"),
    [
        (["create type if not exists mood as enum ('a');"], "42601", "1:16", "no IF NOT EXISTS in any version"),
        ([TABLE + "create policy if not exists p on a using (true);"], "42601", "5:18", "DROP POLICY IF EXISTS"),
        (
            ["create function f() returns int language sql as $\n select 1\n$;"],
            "42601",
            "1:49",
            "write $$ … $$",
        ),
        (["/* runs\n   */10 * * * *\n*/\nselect 1;"], "42601", "2:6", "in line 2, where the schedule */10 has"),
        (["do $\nbegin\n  perform 1;\nend\n$;"], "42601", "1:4", "Two dollar signs"),
        (
            ["create type mood as enum ('a');", "alter type mood add value 'b';\nselect 'b'::mood;"],
            "55P04",
            "2:8",
            "into a file of its own",
        ),
        ([TABLE, "create index concurrently i on a (note);"], "25001", "1:1", "CONCURRENTLY needs none"),
        (["alter table a add b int;", TABLE], "42P01", "1:1", "made only later (m/0002.sql:1:1)"),
        (["alter table a add b int;\n" + TABLE], "42P01", "1:1", "made only at m/0001.sql:2:1"),
        (['alter table "Quoted" add b int;', 'create table "Quoted" (id int);'], "42P01", "1:1", "made only later"),
        (["begin;\nvacuum;\ncommit;"], "25001", "2:1", "itself begins a transaction, in line 1"),
        (["alter table nowhere add b int;"], "42P01", "1:1", "No file of the folder makes nowhere"),
        ([TABLE, TABLE], "42P07", "1:1", "made before, at m/0001.sql:1:1"),
        ([TABLE, "alter table a add check (id in (select 1));"], "0A000", "1:1", "A check looks at one row only"),
        (
            [TABLE, "create view v as select note from a;", "alter table a alter note type varchar(9);"],
            "0A000",
            "1:1",
            "Drop the view before",
        ),
        (
            ["create function f(a int) returns int language sql as 'select 1';"] * 1
            + ["create or replace function f(b int) returns int language sql as 'select 1';"],
            "42P13",
            "1:1",
            "keeps the names",
        ),
        ([TABLE, "create view v as select note from a;", "drop table a;"], "2BP01", "1:1", "Others depend on it"),
        (
            [
                "create function f(a int) returns int language sql as 'select 1';"
                "create function f(a text) returns int language sql as 'select 1';",
                "drop function f;",
            ],
            "42725",
            "1:1",
            "name the types",
        ),
        (["create table b (id int references a (more));", TABLE], "42P01", "1:1", "made only later"),
        (
            [TABLE, "create index i on a (more);", "alter table a add column more int;"],
            "42703",
            "1:1",
            "m/0003.sql:1:1",
        ),
    ],
)
def test_why_a_file_is_rejected_is_told(texts: list[str], state: str, place: str, advice: str) -> None:
    history = run(*texts)
    file = next(file for file in history.files if file.state == "rejected")
    (failure,) = file.failures
    assert failure.state == state
    assert advice in failure.advice, failure
    assert str(failure.location) == f"{file.migration.file}:{place}"
    assert file.effects == ()
    after = history.files[history.files.index(file) + 1 :]
    assert {file.state for file in after} <= {"not-run"}


def test_one_run_shows_all_that_fails() -> None:
    history = run(
        "create type if not exists mood as enum ('a');\n" + TABLE + "alter table b add c int;\n",
        "alter table a add more int;\nselect 1 / 0;",
        "create table c (id int);",
        keep_going=True,
    )
    assert [file.state for file in history.files] == ["rejected", "rejected", "applied"]
    assert [len(file.failures) for file in history.files] == [2, 1, 0]
    assert "added column public.a.more 1" in told(history.files[1])
    assert ObjectRef("column", ("public", "a", "more")) in history.steps


def test_what_a_statement_met_is_kept_with_what_it_would_have_made() -> None:
    history = run(
        "create table public.a (id bigint primary key, note varchar(5));",
        "set client_min_messages = warning;\n"
        "create table if not exists a (\n  id bigint primary key,\n  note text,\n  metadata jsonb\n);\n"
        "alter table a add column if not exists note text;\ncreate index if not exists a_id on a (id);\n",
        "create index if not exists a_id on a (note);",
    )
    assert history.whole
    table, column = history.files[1].met_existing
    assert (table.ref, table.location.line, str(table.made_by)) == (
        ObjectRef("table", ("public", "a")),
        2,
        "m/0001.sql:1:1",
    )
    assert table.lacking is not None
    assert list(table.lacking) == [ObjectRef("column", ("public", "a", "metadata"))]
    assert table.differing == {ObjectRef("column", ("public", "a", "note")): ("type",)}
    assert (column.ref, column.lacking) == (ObjectRef("column", ("public", "a", "note")), None)
    (index,) = history.files[2].met_existing
    assert (index.ref, str(index.made_by)) == (ObjectRef("index", ("public", "a", "a_id")), "m/0002.sql:8:1")


def test_what_a_file_sets_is_not_there_for_the_next() -> None:
    history = run(
        "create schema other; set search_path = other; create table inner_ (id int);",
        "create table outer_ (id int); grant usage on schema public to helper; set role helper;",
        "create table third (id int);",
    )
    assert history.whole
    assert set(history.final["table"]) == {("other", "inner_"), ("public", "outer_"), ("public", "third")}


def test_a_file_without_a_transaction_keeps_what_came_before() -> None:
    history = run(TABLE, "create index concurrently i on a (note);\nselect 1 / 0;", transactional=False)
    assert [file.state for file in history.files] == ["applied", "rejected"]
    assert told(history.files[1]) == ["added index public.a.i 1"]
    assert history.files[1].failures[0].location.line == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("copy (select 1) to program 'true'", "42501"),
        ("select pg_read_file('/etc/passwd')", "42501"),
        ("select lo_import('/etc/passwd')", "42501"),
        ("\\! true", "meta-command"),
        taking_all("select pg_terminate_backend(pg_backend_pid())", "57P01"),
        hard("set statement_timeout = 0; do $$ begin loop end loop; end $$", "longer than 2 s"),
        hard("do $$ declare a text := 'x'; begin loop a := a || a; end loop; end $$", "54000|53200|57P01"),
        taking_all(
            "do $$ declare a text[]; begin loop a := a || array_fill(repeat('x', 999999), array[99]); end loop; end $$",
            "54000|53200|57P01|2200",
        ),
        hard("create table full_ as select repeat('x', 1900), generate_series(1, 1000000000)", "57P01|57014"),
    ],
)
def test_nothing_of_a_file_reaches_the_host(text: str, says: str) -> None:
    limits = ReplayLimits(seconds=2, disk=300 * 1024**2, memory=700 * 1024**2)
    history = run(text, TABLE, keep_going=True, limits=limits)
    failure = history.files[0].failures[0]
    assert any(word in f"{failure.state} {failure.message}" for word in says.split("|")), failure
    assert failure.advice
    assert history.files[1].state == "applied"


def test_what_stands_before_an_open_quote_is_run_and_an_endless_loop_runs_once() -> None:
    """A loop that ran once more, statement by statement, would take twice its limit: a sequence counts."""
    loop = (
        "create table public.b ();\ndo $$ begin perform nextval('public.runs'); loop end loop; end $$;\n"
        "create table public.c ();\n"
    )
    once = "do $$ begin if nextval('public.runs') <> 2 then raise exception 'it ran again'; end if; end $$;"
    history = run(
        TABLE
        + "create sequence public.runs;\ncreate function public.f() returns text language sql as $\n select 1\n$;",
        loop,
        once,
        keep_going=True,
        limits=ReplayLimits(seconds=2),
    )
    assert ObjectRef("table", ("public", "a")) in history.steps
    assert [str(one.location) for one in history.files[0].failures] == ["m/0001.sql:6:57"]
    assert [str(one.location) for one in history.files[1].failures] == ["m/0002.sql:2:1"]
    assert {effect.ref.path[-1] for effect in history.files[1].effects if effect.ref.kind == "table"} == {"b", "c"}
    assert history.files[2].state == "applied"


@pytest.mark.parametrize(
    ("text", "place", "kept"),
    [
        (TABLE + "create table\0 b (c int);", "m/0001.sql:5", True),
        (TABLE + "\0create table b (c int);", "m/0001.sql:5", True),
        (TABLE + "select '\0'; select 1", "m/0001.sql:5", True),
        (TABLE + "select $$ \0", "m/0001.sql:5", True),
        (TABLE + "copy public.a from stdin;\n1\t\0\n\\.\n", "m/0001.sql:6", True),
        (TABLE.encode("utf-16-le").decode("utf-8"), "m/0001.sql:1", False),
        (TABLE.encode("utf-16-be").decode("utf-8"), "m/0001.sql:1", False),
    ],
)
def test_a_file_in_another_encoding_is_told_as_such(text: str, place: str, kept: bool) -> None:
    (file,) = run(text, keep_going=True).files
    (failure,) = file.failures
    assert "a NUL character" in failure.message
    assert failure.advice == "Save it as UTF-8."
    assert str(failure.location).startswith(place)
    assert bool(file.effects) is kept


def test_a_role_that_a_file_makes_may_own_and_be_what_it_is_for() -> None:
    history = run(
        TABLE + "create role history_owner;\nalter table public.a owner to history_owner;\n",
        "set role history_owner;\nalter table public.a add column more integer;\nreset role;\n",
    )
    if history.version >= 16:  # before, the role of the private server may make none
        assert [file.state for file in history.files] == ["applied", "applied"]
        return
    assert all(failure.unproven for file in history.files for failure in file.failures)


def test_a_file_is_run_as_on_a_replica() -> None:
    text = "set session_replication_role = replica;\n" + TABLE + "create index a_note on public.a (note);\n"
    (file,) = run(text, keep_going=True).files
    assert "added index public.a.a_note 6" in told(file)
    if file.failures:  # before 15, a superuser alone may set it
        assert [failure.unproven[:8] for failure in file.failures] == ["the role"]


COPY = "create table public.c (a text);\ncopy public.c from stdin;\nx\n\\.\ncreate table public.d (a text);\n"
COMMAND = "create table public.e (a text);\n\\echo done\ncreate table public.f (a text);\n"


# What the Supabase CLI and node-pg-migrate do was seen; Flyway and golang-migrate document it.
@pytest.mark.parametrize(
    ("tool", "failing"),
    [
        ("plain", []),
        ("flyway", ['syntax error at or near "\\"']),
        ("supabase", ["COPY … FROM STDIN has no data", 'syntax error at or near "\\"']),
        (
            "node-pg-migrate",
            ["syntax error at the byte-order mark", "COPY … FROM STDIN has no data", 'syntax error at or near "\\"'],
        ),
    ],
)
def test_a_file_fails_by_how_its_tool_sends_it(tool: str, failing: list[str]) -> None:
    texts = [TABLE, COPY, COMMAND]
    files = [
        structs.replace(one, sending=BY_NAME[tool].sending, whole_text="\ufeff" * (one.text == TABLE) + one.text)
        for one in migrations(*texts)
    ]
    history = replay_history(files, HistoryOptions(keep_going=True))
    assert [failure.message for file in history.files for failure in file.failures] == failing
    assert "added table public.d 5" in told(history.files[1])  # for what comes later


def test_what_psql_alone_can_do_is_not_judged() -> None:
    (file,) = run("\\i other.sql\ncreate table public.a (id integer);\n").files
    assert [failure.unproven for failure in file.failures] == [
        "psql runs it, and the private server is given SQL alone"
    ]


@pytest.mark.parametrize(
    "limit",
    [
        "alter role postgres set local_preload_libraries = 'nowhere'",
        "alter database replay connection limit 0",
    ],
)
def test_where_a_file_lets_no_session_begin_any_more_the_rest_is_not_run(limit: str) -> None:
    """The third file loses its session; the second needs none of its own, and tries nothing that would."""
    history = run(
        f"{TABLE}{limit};\n",
        "create table if not exists public.a (id bigint primary key, more text);\n",
        "select pg_terminate_backend(pg_backend_pid());\n",
        "create table public.b (id int);\n",
        "create table public.c (id int);\n",
        keep_going=True,
    )
    assert [file.state for file in history.files] == ["applied", "applied", "rejected", "not-run", "not-run"]
    assert history.files[1].met_existing[0].lacking is None
    assert not history.whole
    assert history.halted is not None
    assert "the private server refuses the next session: " in str(history.halted)


def test_a_limit_of_another_role_halts_nothing() -> None:
    text = "create role other login connection limit 0;\nselect pg_terminate_backend(pg_backend_pid());\n"
    history = run(text, "create table public.b (id int);\n", keep_going=True)
    assert [file.state for file in history.files] == ["rejected", "applied"]
    assert history.halted is None


def test_only_the_facets_that_a_file_changes_are_its_own() -> None:
    history = run(
        TABLE,
        "alter table public.a replica identity full;",
        "create table public.c () inherits (public.a);",
        "alter table public.a set (fillfactor = 80);",
    )
    assert told(history.files[1]) == ["changed table public.a 1 replica_identity"]
    assert [one for one in told(history.files[2]) if "table public.a" in one] == []
    assert told(history.files[3]) == ["changed table public.a 1 with"]


def test_a_column_that_if_not_exists_did_not_add_is_told_with_that_statement() -> None:
    """In the same file, too, where the older table is of an earlier statement; a column that it did not name is not."""
    again = "create table if not exists public.a (id bigint primary key, more text);\n"
    history = run(
        TABLE + again + "create index a_more on public.a (more);\ncreate index a_other on public.a (other);\n",
        again + "comment on column public.a.more is 'x';\n",
        keep_going=True,
    )
    first, second = history.files
    assert [(one.location.line, one.made_by and one.made_by.line) for one in first.met_existing] == [(5, 1)]
    assert [one.advice for one in (*first.failures, *second.failures)] == [
        "The statement at m/0001.sql:5:1 names it, but table public.a was there before, made at m/0001.sql:1:1, and IF"
        " NOT EXISTS adds nothing to what is there: write ALTER TABLE … ADD.",
        "The table was made without it: an older statement made the table, or another name is meant.",
        "The statement at m/0002.sql:1:1 names it, but table public.a was there before, made at m/0001.sql:1:1, and IF"
        " NOT EXISTS adds nothing to what is there: write ALTER TABLE … ADD.",
    ]


@pytest.mark.parametrize(
    "maker",
    [
        "select add_place('public', 'a', 'place');\n",
        "select * from add_place('public.a', 'place');\n",
        "do $$ begin perform add_place('public', 'a', 'place'); end $$;\n",
    ],
)
def test_a_column_that_an_unchecked_call_may_make_is_not_known_to_lack(maker: str) -> None:
    """The call is of a function that an extension brings which the private server lacks."""
    history = run(
        TABLE + "create extension if not exists nowhere_at_all;\n",
        maker,
        "create index a_place on public.a (place);\n",
        "create index a_other on public.a (other);\n",
        "create table public.b (id int);\ncreate index b_place on public.b (place);\n",
        keep_going=True,
    )
    told = [[bool(one.unproven) for one in file.failures] for file in history.files]
    assert told == [[], [True], [True], [False], [False]]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("alter table public.a rename to b;\n", set()),
        ("alter table public.a rename to b;\ncreate table public.a (id int);\n", {"a", "b"}),
        ("alter table public.a rename column note to old;\n", set()),
        ("alter table public.a rename column note to old;\nalter table public.a add column note int;\n", {"a"}),
        ("create schema s;\nalter table public.a set schema s;\n", set()),
        ("create schema s;\nalter table public.a set schema s;\ncreate table public.a (id int);\n", {"a"}),
        ("alter table public.b rename to a;\n", set()),
    ],
)
def test_a_name_that_a_file_gives_to_another_object(text: str, names: set[str]) -> None:
    assert run(TABLE, text).files[1].reused == names


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        thorough("select pg_sleep(9)", True),
        ("set statement_timeout = '1s'; select pg_sleep(9)", False),
        thorough("set statement_timeout = 0; select pg_sleep(9)", True),
        ("create temp table t as select distinct repeat(md5(n::text), 99) from generate_series(1, 9999) n", True),
        ("select pg_terminate_backend(pg_backend_pid())", False),
    ],
)
def test_what_takes_more_than_it_may_here_is_not_said_to_be_rejected(text: str, ours: bool) -> None:
    """A limit that the file itself sets is its own."""
    seconds = 3 if "sleep" in text else 60
    history = run(text, keep_going=True, limits=ReplayLimits(seconds=seconds, temporary=1024**2))
    failures = history.files[0].failures
    assert [one.unproven for one in failures] == ["that is a limit of the private server alone" if ours else ""]
    assert ("--statement-timeout" in failures[0].hint) == (ours and "sleep" in text)


def test_what_gets_another_name_is_told_of_the_statement_that_gives_it() -> None:
    """A later statement of the file renames a constraint of the same table."""
    base = "create table public.u (id int primary key);\n"
    base += "create table public.t (n int constraint t_n references public.u);\n"
    renames = "alter index public.i rename to j;\nselect 1;\nalter table public.t rename constraint t_n to t_u;\n"
    history = run(f"{base}create index i on public.t (n);\n", renames)
    assert sorted(told(history.files[1])) == [
        "added foreign key public.t.t_u 3",
        "added index public.t.j 1",
        "dropped foreign key public.t.t_n 3",
        "dropped index public.t.i 1",
    ]


@pytest.mark.parametrize(
    ("text", "unproven"),
    [
        ("do $$ begin if current_database() <> 'production' then raise 'not here'; end if; end $$", True),
        ("do $$ begin assert (select count(*) from pg_class) < 0; end $$", True),
        ("select 1 / count(*) from public.a", True),
        ("do $$ begin raise exception using errcode = '42P01'; end $$", False),
        ("select nothing from public.a", False),
    ],
)
def test_what_a_file_refuses_by_itself_is_not_said_to_be_rejected(text: str, unproven: bool) -> None:
    """On a database with rows, or of another name, it may not."""
    history = run(TABLE, text)
    assert [bool(one.unproven) for one in history.files[1].failures] == [unproven]
