"""`access:` in a contract: what it may say, what is refused and where, and what a check by it finds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest
import yaml
from junitparser import JUnitXml

from editors import validator
from rows import TOP
from servers import connect
from sessionaudit.contract.loader import load, outline
from sessionaudit.errors import ContractError
from test_snapshot import call

if TYPE_CHECKING:
    from pathlib import Path

PAGE = """\
                            anon               authenticated
notes                       by policy: select  all: insert (id, text)
                                               by policy: select update*
                                               no row: delete
watched                     -                  all: select insert update
                                                 delete
a_very_long_name_of_a_table_that_has_its_own_line
                            -                  -
called()                    -                  all: execute
of_notes                    all: select        -

all: every row; by policy: the rows that policies let pass; no row: row security
lets none pass: reads are empty, and updates and deletes change nothing, without
an error; -: refused (42501), as is what is not named.
* otherwise without WHERE and RETURNING, or with a value for each column.
Not shown: 1 function that only triggers call."""
WRONG = """\
version: 1
tables:
  a:
    access:
      anon: nothing
      authenticated: {select: by polcy, insert: no row, merge: all}
      public: none
      service_role: by policy (id)
  b: {access: {anon: {truncate: by policy, delete: all (id)}}}
  c: {access: none}
  d: {access: {}, acces: none}
  e: {access: {anon: {}, x: {select: "all (id, )"}}}
views:
  v: {query: select 1, access: {anon: {truncate: all}}}
functions:
  f():
    definition: returns integer language sql as $$select 1$$
    access: {anon: by policy, x: {execute: no row}, z: {call: all}}
access: {role: [anon], api: [PUBLIC]}
"""
STATED = """\
version: 1
access: {roles: [reader, "\\"Odd Role\\""], api: [reader]}
tables:
  a: {access: {reader: {select: 'by policy (id, "Odd")', truncate: refused}, writer: none}}
functions:
  f():
    definition: returns integer language sql as $$select 1$$
    access: {reader: all}
"""


def test_every_mistake_is_told_with_its_place() -> None:
    with pytest.raises(ContractError) as raised:
        outline(WRONG, "expected.yaml").declare()
    told = [
        (one.location.line, one.location.column, one.message)
        for one in (raised.value, *raised.value.more)
        if one.location is not None
    ]
    hints = {one.hint for one in (raised.value, *raised.value.more)}
    words = "all, by policy, no row, refused, none"
    assert told == [
        (5, 13, f"expected one of {words}; found “nothing”"),
        (6, 31, f"expected one of {words}; found “by polcy”"),
        (6, 49, "insert cannot be “no row”: a row that no policy lets through is refused (42501)."),
        (6, 57, "unknown command “merge” of such an object"),
        (7, 7, "“public” stands for every role"),
        (8, 21, "columns belong to one command"),
        (9, 33, "truncate cannot be “by policy”: row security does not apply to TRUNCATE."),
        (9, 52, "columns cannot be stated for delete: all"),
        (10, 15, "expected a mapping of roles to what they may do, found “none”"),
        (11, 15, "“access” is empty"),
        (11, 19, "unknown key “acces” in a table"),
        (12, 22, "nothing is stated for the role anon"),
        (12, 36, "expected a column, found “)”"),
        (14, 40, "unknown command “truncate” of such an object"),
        (18, 20, "execute cannot be “by policy”: row security is about rows."),
        (18, 44, "execute cannot be “no row”: row security is about rows."),
        (18, 57, "unknown command “call” of such an object"),
        (19, 10, "unknown key “role” in access"),
    ]
    assert {f"Did you mean “{word}”?" for word in ("by policy", "access", "roles")} <= hints


def test_all_of_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "expected.yaml"
    file.write_text(STATED, encoding="utf-8")
    found = load(file)
    assert found.access is not None
    assert (found.access.roles, found.access.api) == (("reader", "Odd Role"), ("reader",))
    (table,) = found.objects["table"].values()
    assert [(one.role, one.command, str(one)) for one in table.access] == [
        ("reader", "select", "by policy (Odd, id)"),
        ("reader", "truncate", "refused"),
        *(("writer", command, "none") for command in ("select", "insert", "update", "delete", "truncate")),
    ]
    (function,) = found.objects["function"].values()
    assert [(one.command, one.word, one.location.line) for one in function.access] == [("execute", "all", 8)]
    validator().validate(yaml.safe_load(STATED))


@pytest.fixture
def system(database: str, tmp_path: Path) -> tuple[str, Path]:
    """A table that anon may read by policy, and a contract of it in two files."""
    with connect(database) as connection:
        connection.execute(
            "do $$begin create role anon nologin noinherit; exception when duplicate_object then end$$;"
            "create table notes (id integer primary key, text text);"
            "alter table notes enable row level security;"
            "grant select on notes to anon;"
            "create policy shown on notes for select to anon using (text <> '')"
        )
    (tmp_path / "notes.yaml").write_text(
        "tables:\n"
        "  notes:   # mine\n"
        "    unnamed: ignore\n"
        "    columns: {id: integer not null, text: varchar(9)}\n"
        "    access: {anon: {select: all}, nobody_knows: none}  # kept\n",
        encoding="utf-8",
    )
    file = tmp_path / "expected.yaml"
    file.write_text("version: 1\ninclude: [notes.yaml]\n", encoding="utf-8")
    return database, file


def test_what_is_found_has_its_place_and_can_be_waived(system: tuple[str, Path]) -> None:
    url, file = system
    code, said, _ = call("check", "-d", url, "-c", str(file), "--only", "behaviour", "--format", "json")
    data = json.loads(said)
    jsonschema.validate(data, json.loads((TOP / "schemas" / "report.schema.json").read_text(encoding="utf-8")))
    (finding,) = data["findings"]
    assert (code, finding["rule"], finding["object"]) == (1, "lacking-access", "access public.notes.anon")
    assert (finding["facet"], finding["expected"], finding["actual"]) == ("select", "all", "by policy")
    assert (finding["location"]["file"].rpartition("/")[2], finding["location"]["line"]) == ("notes.yaml", 5)
    # A role that is not there may do nothing, and a slip in its name must not look like that.
    assert [one["what"] for one in data["skipped"]] == ["access of the role nobody_knows"]
    with file.open("a", encoding="utf-8") as text:
        text.write(
            "waivers: [{rule: SB001, object: notes.anon, reason: R, until: 2999-01-01},"
            " {rule: lacking-access, object: public.other.anon, reason: R, until: 2999-01-01}]\n"
        )
    code, said, _ = call("check", "-d", url, "-c", str(file), "--only", "behaviour", "--format", "json")
    assert (code, json.loads(said)["findings"], len(json.loads(said)["waived"])) == (3, [], 1)


def test_an_update_of_the_contract_leaves_it(system: tuple[str, Path]) -> None:
    url, file = system
    code, _, said = call("snapshot", "-d", url, "--update", str(file))
    assert (code, (file.parent / "notes.yaml").read_text(encoding="utf-8").splitlines()) == (
        0,
        [
            "tables:",
            "  notes:   # mine",
            "    unnamed: ignore",
            "    columns: {id: integer not null, text: text}",
            "    access: {anon: {select: all}, nobody_knows: none}  # kept",
        ],
    ), said


def test_the_command_examines_what_is_asked_for(system: tuple[str, Path]) -> None:
    url, file = system
    junit = file.parent / "junit.xml"
    asked = ("notes", "--as", "anon", "--format", "json", "--format", f"junit={junit}")
    code, said, _ = call("access", "-d", url, "-c", str(file), *asked)
    data = json.loads(said)
    (suite,) = JUnitXml.fromstring(junit.read_bytes())
    assert [(one.classname, one.name, len(one.result)) for one in suite] == [
        ("behaviour.access", "public.notes.anon", len(data["findings"]))
    ]
    jsonschema.validate(data, json.loads((TOP / "schemas" / "report.schema.json").read_text(encoding="utf-8")))
    (row,) = data["access"]
    assert (code, data["roles"], row["object"], list(row["roles"])) == (1, ["anon"], "table public.notes", ["anon"])
    assert row["roles"]["anon"]["select"] == {
        "verdict": "by policy",
        "columns": None,
        "policies": ["shown"],
        "reasons": [],
    }
    assert row["roles"]["anon"]["update"]["reasons"] == ["anon lacks UPDATE on public.notes"]
    code, said, told = call("access", "-d", url, "-c", str(file), "--as", "nobody_knows")
    assert (code, "there is no such role" in " ".join(said.split())) == (3, True), told
    code, _, told = call("access", "-d", url, "-c", str(file), "note")
    assert (code, "Did you mean “notes”?" in told) == (2, True)
    assert call("access", "-d", url, "-c", str(file), "--only", "excess-access", "--as", "anon", "-q")[0] == 0


def test_the_matrix_is_a_page(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with connect(database) as connection:
        connection.execute(
            """
            do $$begin create role anon nologin noinherit; exception when duplicate_object then end$$;
            do $$begin create role authenticated nologin noinherit; exception when duplicate_object then end$$;
            create table notes (id integer, owner name, text text);
            alter table notes enable row level security;
            grant select on notes to anon, authenticated;
            grant update, delete, insert (id, text) on notes to authenticated;
            create policy shown on notes for select to public using (owner = current_user);
            create policy not_old on notes as restrictive for select to authenticated using (id > 0);
            create policy added on notes for insert to authenticated with check (true);
            create policy changed on notes for update to authenticated using (true);
            create table watched (id integer);
            grant select, insert, update, delete on watched to authenticated;
            create table a_very_long_name_of_a_table_that_has_its_own_line (id integer);
            create view of_notes as select id from notes;
            grant select on of_notes to anon;
            create function called() returns integer language sql as $$select 1$$;
            revoke execute on function called() from public;
            grant execute on function called() to authenticated;
            create function fired() returns trigger language plpgsql as $$begin return new; end$$
            """
        )
    file = tmp_path / "expected.yaml"
    file.write_text(
        "version: 1\n"
        "tables: {notes: {}, watched: {}, a_very_long_name_of_a_table_that_has_its_own_line: {}}\n"
        "views: {of_notes: select id from notes}\n"
        "functions:\n"
        "  called(): returns integer language sql as $$select 1$$\n"
        "  fired(): returns trigger language plpgsql as $$begin return new; end$$\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("COLUMNS", "80")
    code, page, _ = call("access", "-d", database, "-c", str(file), "--as", "anon", "--as", "authenticated")
    assert (code, page[: page.index("\n\npublic.")]) == (1, PAGE)
