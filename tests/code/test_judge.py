"""The server judges requests: each verdict clean, nearly wrong, and wrong."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psycopg
import pytest

from code_found import read_text
from code_requests import UNKNOWN, Either, Maybe, Partly, Spread, Written, listened, rpc, table
from sessionaudit.audits.code.compiling import compiled
from sessionaudit.audits.code.judge import judge
from sessionaudit.audits.code.lacking import WHOLE, LackingDatabase
from sessionaudit.audits.code.model import CodeStatement, Span
from sessionaudit.audits.code.postgrest.wire import sent_for
from sessionaudit.audits.code.schema_cache.reading import read_cache
from sessionaudit.postgres.connection import connect, limit
from sessionaudit.postgres.generic_plans import plans_of
from sessionaudit.postgres.parse import parse_all

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from conftest import Template
    from servers import DatabaseServer
    from sessionaudit.audits.code.schema_cache.model import SchemaCache
    from sessionaudit.audits.code.verdict import CodeVerdict, Judgement
    from sessionaudit.postgres.connection import Connection

SCHEMA = (Path(__file__).parents[1] / "code_schema.sql").read_text(encoding="utf-8")
ID = "62e91166-c36b-4bd5-bc51-5b168f1bd176"
OTHER = "f4d90392-118c-4738-ab16-94689f039f2a"


class Bench(NamedTuple):
    connection: Connection
    cache: SchemaCache


@pytest.fixture(scope="module")
def bench(server: DatabaseServer, template: Template) -> Generator[Bench]:
    url = server.create(template("code", [SCHEMA]))
    with closing(connect(url)) as connection:
        connection.execute("begin read only")
        limit(connection, 30, 1)
        yield Bench(connection, read_cache(connection, ["public"]))
    server.drop(url)


def judged(bench: Bench, *written: Written, lacks: LackingDatabase = WHOLE) -> Judgement:
    return judge(bench.connection, [one.request() for one in written], bench.cache, lacks=lacks)


def told(bench: Bench, written: Written) -> list[str]:
    """The verdicts: rule, code, and the word in the code."""
    found = judged(bench, written).verdicts
    return [f"{one.rule.name} {one.state} {written.word(one.at)}".replace("  ", " ") for one in found]


def requests() -> Written:
    return table("session_requests")


def sessions() -> Written:
    return table("sessions")


def request(**more: object) -> dict[str, object]:
    return {"customer_id": ID, "session_type": "chat", "plan_code": "free", **more}


CLEAN: dict[str, Written] = {
    "in": requests().select("*").in_("status", ["pending", "accepted"]).is_("mechanic_id", None),
    "values of every type": sessions()
    .select("*")
    .eq("id", ID)
    .gt("created_at", "2025-10-27T00:00:00Z")
    .eq("minutes", 5)
    .eq("minutes", "5")
    .eq("price", 1.5)
    .neq("status", "unheard of"),
    "JSON": sessions()
    .select("id,metadata->>source,m:metadata->a->0")
    .eq("metadata->>source", "x")
    .is_("metadata->a", None),
    "arrays": sessions()
    .select("id")
    .contains("tags", ["a"])
    .overlaps("tags", ["b", "c"])
    .contains("metadata", {"a": 1}),
    "ranges": sessions()
    .select("id")
    .rangeLt("period", "[2025-01-01,2025-02-01)")
    .contains("period", "[2025-01-01,2025-01-02)"),
    "search": sessions().select("id").textSearch("search", "a & b").textSearch("plan", "x", config="english"),
    "patterns": sessions().select("id").ilike("plan", "%x%").likeAnyOf("plan", ["a%", "b"]).regexMatch("plan", "^a"),
    "logic": requests().select("id").or_(f"status.eq.pending,and(mechanic_id.is.null,customer_id.eq.{ID})"),
    "not": requests().select("id").not_("status", "in", '("pending","cancelled")').not_("notes", "is", None),
    "casts": sessions().select("id::text,price::int,when:created_at::date"),
    "computed": sessions().select("id,title").eq("title", "x").order("title"),
    "order": sessions().select("id").order("created_at", ascending=False).order("metadata->>a", nullsFirst=True),
    "many to one": sessions().select("id,mechanics(name),intake:intakes(plan)"),
    "one to many": table("mechanics").select("name,sessions(id,status)").eq("sessions.status", "live"),
    "by a column": sessions().select("id,mechanic_id(name)"),
    "by a constraint": table("messages").select("body,from:profiles!messages_sender_fkey(full_name)"),
    "by a column of two": table("messages").select("body,profiles!receiver_id(full_name)"),
    "to itself": table("messages").select("body,reply_to(body),answers:messages!reply_to(body)"),
    "many to many": table("mechanics").select("name,skills(name),mechanic_skills(level)"),
    "by the table between": table("mechanics").select("name,skills!mechanic_skills(name)"),
    "inner": sessions().select("id,mechanics!inner(name)").ilike("mechanics.name", "a%"),
    "nested": requests().select("id,sessions(id,intakes(plan),session_participants(profiles(full_name)))"),
    "spread": sessions().select("id,...mechanics(mechanic:name)"),
    "count of embedded": table("mechanics").select("name,sessions(count)"),
    "computed relationship": sessions().select("id,customer(full_name)"),
    "of a view": table("open_sessions").select("id,mechanics(name),profiles(full_name)"),
    "to a view": table("mechanics").select("name,open_sessions(id)"),
    "is null of embedded": sessions().select("id,mechanics(name)").not_("mechanics", "is", None),
    "order of embedded": table("mechanics").select("*,sessions(id)").order("created_at", referencedTable="sessions"),
    "order by embedded": sessions().select("*,mechanics(name)").order("mechanics(name)"),
    "alias of embedded": table("messages")
    .select("*,who:profiles!messages_sender_fkey(full_name)")
    .eq("who.full_name", "x")
    .or_("full_name.eq.x,email.is.null", referencedTable="who"),
    "aggregate": sessions().select("status,price.sum(),n:id.count()"),
    "insert": requests().insert(request(status="pending", metadata={"session_id": ID, "n": [1]})),
    "insert and select": requests().insert(request(notes=None)).select("id,sessions(id)").single(),
    "rows": sessions().insert([{"plan": "a", "type": "chat", "stripe_session_id": "x"}]),
    "types of JSON": sessions().insert(
        {"plan": 5, "type": "chat", "stripe_session_id": True, "minutes": "5", "tags": ["a", "b"], "metadata": "x"}
    ),
    "upsert by the key": table("profiles").upsert({"id": ID, "full_name": "x"}),
    "upsert by a unique key": table("session_participants").upsert(
        {"session_id": ID, "user_id": ID}, onConflict="user_id, session_id", ignoreDuplicates=True
    ),
    "update": requests().update({"status": "accepted", "mechanic_id": None}).eq("id", ID).select("status"),
    "update of what is checked": sessions().update({"status": "live", "minutes": 240}).eq("id", ID),
    "delete": requests().delete().eq("id", ID).eq("status", "cancelled"),
    "words that are searched for": sessions()
    .select("id")
    .textSearch("search", "a & !b")
    .textSearch("search", "two words", type="websearch")
    .textSearch("search", "two words", type="plain")
    .or_("search.fts.a|b,plan.wfts(english).two words"),
    "check of two columns": table("pairs").insert({"id": 1, "low": 4, "high": 5, "note": None}),
    "check of what has a default": table("pairs").insert({"id": 1}),
    "check of what may be there": table("pairs").update({"low": 9}).eq("id", 1),
    "required by a trigger": table("filled").insert({"id": 1, "kind": "bad"}),
    "call": rpc("accept_request", {"request_id": ID}),
    "call with all": rpc("accept_request", {"request_id": ID, "mechanic": None}),
    "call of a set": rpc("sessions_of", {"customer": ID}).select("id,mechanics(name)").eq("status", "live"),
    "call by GET": rpc("sessions_of", {"customer": ID}, get=True),
    "call with an enum": rpc("set_status", {"session": ID, "new_status": "accepted"}),
    "call with a whole body": rpc("whole", {"anything": 1}),
    "single by a key": sessions().select("*").eq("stripe_session_id", "x").single(),
    "single of two columns": table("session_participants")
    .select("id")
    .eq("user_id", ID)
    .eq("session_id", ID)
    .maybeSingle(),
    "single of the first": sessions().select("*").eq("status", "live").order("created_at").limit(1).maybeSingle(),
    "what is not known": requests().select("*").eq("status", UNKNOWN).in_("status", [UNKNOWN, "pending"]),
    "unknown payload": requests().update(UNKNOWN).eq("id", UNKNOWN),
    "more than is known": requests().insert(Spread(notes="x")),
    "set in some runs": requests().insert({**request(), "notes": Maybe(None)}),
}


# What cannot be judged whole.
DYNAMIC = {"required by a trigger", "unknown payload", "more than is known", "aggregate"}


@pytest.mark.parametrize("written", CLEAN.values(), ids=CLEAN)
def test_clean(bench: Bench, written: Written) -> None:
    assert told(bench, written) == []


def test_all_of_it_was_judged(bench: Bench) -> None:
    """What is clean was looked at whole, but for what is not known; and what is wrong in one thing, in all others."""
    given = {name: one for name, one in CLEAN.items() if name not in DYNAMIC}
    found = judged(bench, *given.values())
    assert found.not_judged == []
    assert found.proven == len(given)
    assert all(judged(bench, CLEAN[name]).not_judged for name in DYNAMIC)
    assert judged(bench, *(one for one, _ in WRONG.values())).not_judged == []


WRONG: dict[str, tuple[Written, list[str]]] = {
    "table": (table("session_request").select("*"), ["unknown-table PGRST205 session_request"]),
    "table of another schema": (table("secrets").select("*"), ["unknown-table PGRST205 secrets"]),
    "schema": (table("secrets", schema="private").select("*"), ["unknown-table PGRST106 private"]),
    "column": (requests().select("id, statuss"), ["unknown-column 42703 statuss"]),
    "two columns": (
        requests().select("id, a, b").eq("c", 1).order("d"),
        [f"unknown-column 42703 {one}" for one in "abcd"],
    ),
    "column in logic": (
        requests().select("*").or_("status.eq.pending,nothere.is.null"),
        ["unknown-column 42703 nothere"],
    ),
    "column of JSON": (requests().select("meta->>a"), ["unknown-column 42703 meta->>a"]),
    "column of embedded": (sessions().select("id,mechanics(nam)"), ["unknown-column 42703 nam"]),
    "filter of embedded": (
        sessions().select("id,mechanics!inner(name)").eq("mechanics.nam", "x"),
        ["unknown-column 42703 nam"],
    ),
    "column of a write": (requests().insert(request(metadat={})), ["unknown-column PGRST204 metadat"]),
    "column that comes back": (
        requests().insert(request()).select("id,nothere"),
        ["unknown-column 42703 nothere"],
    ),
    "column of a key": (table("profiles").upsert({"id": ID}, onConflict="idd"), ["unknown-column 42703 idd"]),
    "value of an enum": (
        requests().select("*").in_("status", ["pending", "unattended"]),
        ["impossible-value 22P02 unattended"],
    ),
    "two values": (
        requests().select("*").in_("status", ["open", "pending", "closed"]),
        ["impossible-value 22P02 open", "impossible-value 22P02 closed"],
    ),
    "value in logic": (
        requests().select("*").or_("status.eq.unattended,status.eq.pending"),
        ["impossible-value 22P02 unattended"],
    ),
    "value in a list": (
        requests().select("*").not_("status", "in", '("pending","gone")'),
        ['impossible-value 22P02 (\\"pending\\",\\"gone\\")'],
    ),
    "value that is a choice": (
        requests().select("*").eq("status", Either("pending", "unattended")),
        ["impossible-value 22P02 unattended"],
    ),
    "value of a write": (
        requests().update({"status": "unattended"}).eq("id", ID),
        ["impossible-value 22P02 unattended"],
    ),
    "uuid": (sessions().select("*").eq("id", "5"), ["impossible-value 22P02 5"]),
    "null as a text": (sessions().select("*").eq("mechanic_id", None), ["impossible-value 22P02 null"]),
    "number": (sessions().select("*").gt("minutes", "many"), ["impossible-value 22P02 many"]),
    "time": (sessions().select("*").gt("created_at", "yesteryear"), ["impossible-value 22007 yesteryear"]),
    "JSON": (sessions().select("*").eq("metadata->a", "x"), ["impossible-value 22P02 x"]),
    "array": (
        sessions().insert({"plan": "a", "type": "chat", "stripe_session_id": "x", "tags": 5}),
        ["impossible-value 22P02 5"],
    ),
    "too long": (sessions().update({"code": "123456789"}).eq("id", ID), ["impossible-value 22001 123456789"]),
    "language": (
        sessions().select("id").textSearch("plan", "x", config="klingon"),
        ["impossible-value 42704 klingon"],
    ),
    "argument": (
        rpc("set_status", {"session": ID, "new_status": "gone"}),
        ["impossible-value 22P02 gone"],
    ),
    "argument by GET": (rpc("sessions_of", {"customer": "me"}, get=True), ["impossible-value 22P02 me"]),
    "function": (rpc("acept_request", {"request_id": ID}), ["unknown-function PGRST202 acept_request"]),
    "name of an argument": (rpc("accept_request", {"id": ID}), ["unknown-function PGRST202 accept_request"]),
    "no argument": (rpc("accept_request"), ["unknown-function PGRST202 accept_request"]),
    "one argument too many": (
        rpc("sessions_of", {"customer": ID, "limit": 1}),
        ["unknown-function PGRST202 sessions_of"],
    ),
    "two functions": (rpc("ambiguous", {"a": 1}), ["ambiguous-function PGRST203 ambiguous"]),
    "column of what a function returns": (
        rpc("sessions_of", {"customer": ID}).select("id,nothere"),
        ["unknown-column 42703 nothere"],
    ),
    "no relationship": (sessions().select("id,skills(name)"), ["missing-relationship PGRST200 skills"]),
    "to a hidden schema": (requests().select("id,users(email)"), ["missing-relationship PGRST200 users"]),
    "not by way of a hidden table": (requests().select("profiles(id)"), ["missing-relationship PGRST200 profiles"]),
    "table between without the key": (
        table("mechanics").select("tools(name)"),
        ["missing-relationship PGRST200 tools"],
    ),
    "wrong hint": (
        sessions().select("id,mechanics!sessions_mechanic_fk(name)"),
        ["missing-relationship PGRST200 sessions_mechanic_fk"],
    ),
    "two relationships": (
        table("messages").select("profiles(full_name)"),
        ["ambiguous-relationship PGRST201 profiles"],
    ),
    "comma at the end": (sessions().select("id, status,"), ["malformed-query PGRST100 ,"]),
    "as": (sessions().select("id, created_at as at"), ["unknown-column 42703 created_at as at"]),
    "operator": (sessions().select("id").filter("status", "equals", "x"), ["malformed-query PGRST100 equals"]),
    "no parentheses": (sessions().select("id").filter("status", "in", "a,b"), ["malformed-query PGRST100 a"]),
    "logic": (sessions().select("id").or_("status=eq.live"), ["malformed-query PGRST100 ="]),
    "not embedded": (
        sessions().select("id").eq("mechanics.name", "x"),
        ["malformed-query PGRST108 mechanics"],
    ),
    "order not embedded": (
        sessions().select("id").order("name", referencedTable="mechanics"),
        ["malformed-query PGRST108 mechanics"],
    ),
    "order by many": (
        table("mechanics").select("*,sessions(id)").order("sessions(id)"),
        ["malformed-query PGRST118 sessions"],
    ),
    "pattern on an enum": (requests().select("id").ilike("status", "%x%"), ["wrong-operator 42883 status"]),
    "pattern on a uuid": (sessions().select("id").like("id", "x%"), ["wrong-operator 42883 id"]),
    "truth of a text": (sessions().select("id").is_("status", True), ["wrong-operator 42804 status"]),
    "contains of a text": (sessions().select("id").contains("plan", ["a"]), ["wrong-operator 42883 plan"]),
    "cast": (sessions().select("metadata::uuid"), ["wrong-operator 42846 uuid"]),
    "type": (sessions().select("plan::strng"), ["wrong-operator 42704 strng"]),
    "left out": (
        requests().insert({"customer_id": ID, "session_type": "chat"}),
        ['omitted-required-column 23502 {"customer_id": "' + ID + '", "session_type": "chat"}'],
    ),
    "left out of an upsert": (
        table("mechanics").upsert({"id": ID, "name": "x"}),
        ['omitted-required-column 23502 {"id": "' + ID + '", "name": "x"}'],
    ),
    "left out of one row": (
        table("skills").insert([{"id": 1, "name": "a"}, {"id": 2}]),
        ['omitted-required-column 23502 {"id": 2}'],
    ),
    "default that another row takes away": (
        table("profiles").insert([{"id": OTHER, "role": "admin"}, {"id": ID}]),
        ['null-in-required-column 23502 {"id": "' + ID + '"}'],
    ),
    "null": (requests().insert(request(metadata=None)), ["null-in-required-column 23502 null"]),
    "null in an update": (sessions().update({"plan": None}).eq("id", ID), ["null-in-required-column 23502 null"]),
    "generated": (
        table("messages").insert({"sender_id": ID, "body": "x", "length": 1}),
        ["generated-column-written 428C9 length"],
    ),
    "identity": (
        table("messages").insert({"id": 1, "sender_id": ID, "body": "x"}),
        ["generated-column-written 428C9 id"],
    ),
    "no unique key": (
        table("session_participants").upsert({"session_id": ID, "user_id": ID}, onConflict="session_id"),
        ["conflict-without-unique-key 42P10 session_id"],
    ),
    "partial unique key": (
        sessions().upsert(
            {"plan": "a", "type": "chat", "stripe_session_id": "x", "customer_user_id": ID},
            onConflict="customer_user_id",
        ),
        ["conflict-without-unique-key 42P10 customer_user_id"],
    ),
    "object in an array": (
        sessions().update({"tags": {"a": 1}}).eq("id", ID),
        ['impossible-value 22P02 {"a": 1}'],
    ),
    "object in a uuid": (
        sessions().update({"mechanic_id": {"id": 1}}).eq("id", ID),
        ['impossible-value 22P02 {"id": 1}'],
    ),
    "words without an operator": (
        sessions().select("id").textSearch("search", "two words"),
        ["impossible-value 42601 two words"],
    ),
    "check of two columns": (table("pairs").insert({"id": 1, "low": 5, "high": 5}), ["refused-by-check 23514 5"]),
    "check of what is left out": (
        table("pairs").insert({"id": 1, "note": None}),
        ["refused-by-check 23514 null"],
    ),
    "too large": (sessions().update({"price": 1234567.5}).eq("id", ID), ["impossible-value 22003 1234567.5"]),
    "too long as a number": (sessions().update({"code": 123456789}).eq("id", ID), ["impossible-value 22001 123456789"]),
    "check of a domain": (requests().insert(request(plan_code="")), ["refused-by-check 23514 "]),
    "search in a number": (sessions().select("id").textSearch("minutes", "x"), ["wrong-operator 42883 minutes"]),
    "check": (sessions().update({"status": "unattended"}).eq("id", ID), ["refused-by-check 23514 unattended"]),
    "check of a number": (sessions().update({"minutes": 241}).eq("id", ID), ["refused-by-check 23514 241"]),
    "check of an insert": (
        table("profiles").insert({"id": ID, "role": "driver"}),
        ["refused-by-check 23514 driver"],
    ),
    "update of all": (
        requests().update({"status": "cancelled"}),
        ['unfiltered-write supabase.from("session_requests").update({"status": "cancelled"})'],
    ),
    "delete of all": (
        table("skills").delete(),
        ['unfiltered-write supabase.from("skills").delete()'],
    ),
    "single of many": (
        sessions().select("*").eq("status", "live").single(),
        ["single-of-many PGRST116 .single()"],
    ),
    "single by a partial key": (
        sessions().select("*").eq("type", "chat").maybeSingle(),
        ["single-of-many PGRST116 .maybeSingle()"],
    ),
}


@pytest.mark.parametrize(("written", "verdicts"), WRONG.values(), ids=WRONG)
def test_wrong(bench: Bench, written: Written, verdicts: list[str]) -> None:
    assert told(bench, written) == verdicts


HINTS: dict[str, tuple[Written, str]] = {
    "table": (table("session_request").select("*"), "Did you mean “session_requests”?"),
    "partition": (table("readings_2025").select("id"), "It exposes public.readings, of which it is one."),
    "column": (requests().select("statuss"), "Did you mean “status”?"),
    "few labels": (requests().select("*").eq("status", "gone"), "It is one of: pending, accepted, cancelled."),
    "label": (requests().select("*").eq("status", "canceled"), "Did you mean “cancelled”?"),
    "null": (
        sessions().select("*").eq("mechanic_id", None),
        "It is compared with the text “null”: null is asked for by “is”, or by “not” and “is”.",
    ),
    "as": (sessions().select("created_at as at"), "PostgREST has no AS: write at:created_at."),
    "function": (rpc("acept_request", {"request_id": ID}), "Did you mean “accept_request”?"),
    "arguments": (rpc("accept_request", {"id": ID}), "It is accept_request(request_id uuid, mechanic uuid)."),
    "relationships": (
        table("messages").select("profiles(full_name)"),
        "Write one of: profiles!messages_receiver_fkey, profiles!messages_sender_fkey.",
    ),
    "of itself": (
        table("messages").select("messages!messages_reply_to_fkey(id)"),
        "Write one of: messages!reply_to, reply_to.",
    ),
    "hidden": (
        requests().select("users(email)"),
        "The foreign key session_requests_customer_id_fkey leads to auth.users, which the API does not expose.",
    ),
    "partial": (
        sessions().upsert(
            {"plan": "a", "type": "chat", "stripe_session_id": "x", "customer_user_id": ID},
            onConflict="customer_user_id",
        ),
        "The unique index on them is partial, which does not count.",
    ),
}


@pytest.mark.parametrize(("written", "hint"), HINTS.values(), ids=HINTS)
def test_hints(bench: Bench, written: Written, hint: str) -> None:
    assert [one.hint for one in judged(bench, written).verdicts] == [hint]


def test_what_a_parse_looks_up_nothing_of_is_not_proven(bench: Bench) -> None:
    texts = ("truncate nothere", "-- all\nrefresh materialized view nothere", "select 1")
    statements = [CodeStatement(at=Span("a", number, 1, number, 2), text=text) for number, text in enumerate(texts)]
    found = judge(bench.connection, statements, bench.cache)
    assert ([one.at.line for one in found.not_judged], found.proven, found.verdicts) == ([0, 1], 1, [])


LISTENING: dict[str, tuple[str, list[str]]] = {
    "a value": ("event: '*', filter: 'status=eq.pending'", []),
    "several": ("event: 'INSERT', filter: 'status=in.(pending,gone)'", ["impossible-value 22P02 gone"]),
    "a value that is not there": ("event: 'UPDATE', filter: 'status=neq.gone'", ["impossible-value 22P02 gone"]),
    "a column": ("event: '*', filter: `statuss=eq.${x}`", ["unknown-column  statuss"]),
    "a value that is not known": ("event: '*', filter: `customer_id=eq.${x}`", []),
    "an operator": ("event: '*', filter: 'notes=like.a'", ["malformed-query  like"]),
    "no operator": ("event: '*', filter: 'notes'", ["malformed-query  notes"]),
    "an event": ("event: 'INSRT'", ["malformed-query  INSRT"]),
    "nothing": ("event: 'DELETE', filter: undefined", []),
}


@pytest.mark.parametrize(("options", "verdicts"), LISTENING.values(), ids=LISTENING)
def test_what_is_listened_to(bench: Bench, options: str, verdicts: list[str]) -> None:
    text = f"supabase.channel('a').on('postgres_changes', {{ table: 'session_requests', {options} }}, f)"
    found = judge(bench.connection, read_text(text).requests, bench.cache).verdicts
    assert [
        f"{one.rule.name} {one.state} {text[one.at.column - 1 : one.at.end_column - 1]}" for one in found
    ] == verdicts


def test_what_a_finding_stands_on(bench: Bench) -> None:
    (found,) = judged(bench, requests().select("*").eq("status", "unattended")).verdicts
    assert [str(one) for one in found.stands_on] == [
        "table public.session_requests",
        "column public.session_requests.status",
        "enum public.session_request_status",
    ]
    assert (found.expected, found.actual, str(found.ref)) == (
        "pending, accepted, cancelled",
        "unattended",
        "column public.session_requests.status",
    )
    assert found.sql == (
        'select "public"."session_requests".* from "public"."session_requests"'
        ' where "public"."session_requests"."status" = \'unattended\''
    )


def test_what_fails_in_some_runs_only_is_not_certain(bench: Bench) -> None:
    def certain(written: Written) -> list[bool]:
        return [one.certain for one in judged(bench, written).verdicts]

    assert certain(requests().select("*").eq("status", "gone")) == [True]
    assert certain(requests().select("*").eq("status", Either("pending", "gone"))) == [False]
    assert certain(requests().select("*").eq("status", Either("lost", "gone"))) == [False, False]
    assert certain(requests().select("*").eq.sometimes("status", "gone")) == [False]
    assert certain(requests().select("*").eq.sometimes("statuss", "gone")) == [False]
    assert certain(requests().insert(request(nothere=Maybe(1)))) == [False]
    assert certain(requests().insert(request(metadata=Maybe(None)))) == [False]
    assert certain(requests().insert(request(status=Maybe("gone")))) == [False]
    assert certain(sessions().update({"status": Maybe("gone")}).eq("id", ID)) == [False]
    assert certain(requests().delete()) == [False]
    # A column that is set in some runs only may not be missing in this one.
    assert certain(requests().insert({"customer_id": Maybe(ID), "session_type": "chat", "plan_code": "a"})) == []


def test_where_judging_stops_is_said(bench: Bench) -> None:
    """Of a request with very many mistakes, and of a list of very many rows, the rest was not looked at."""
    names = ",".join(f"gone{number}" for number in range(20))
    found = judged(bench, sessions().select(names))
    assert 0 < len(found.verdicts) < 20
    assert [one.why for one in found.not_judged] == [
        f"it has {len(found.verdicts)} mistakes, and was not looked at beyond these"
    ]
    rows: list[object] = [{"id": number, "name": "x"} for number in range(250)]
    assert not judged(bench, table("skills").insert(rows[:200])).not_judged
    found = judged(bench, table("skills").insert([*rows, {"id": "x", "name": None}]))
    assert (found.verdicts, [one.why for one in found.not_judged]) == ([], ["only its first 200 rows were looked at"])


def test_of_a_value_that_calls_a_function_nothing_is_said(bench: Bench) -> None:
    """A check of a domain that calls a function of a user may do anything: it is not evaluated."""
    found = judged(bench, table("guarded").insert({"id": 1, "word": "x"}))
    assert (found.verdicts, [one.why for one in found.not_judged]) == (
        [],
        ["a check of the type public.guarded_word calls a function"],
    )


def test_the_same_statement_is_parsed_once(bench: Bench) -> None:
    one = requests().select("*").eq("status", "gone")
    found = judged(bench, one, one, requests().select("*").eq("status", "pending"))
    assert found.parsed == 3  # also without the value
    assert (len(found.verdicts), found.proven) == (2, 1)


def test_of_a_contract_only_what_it_names_is_judged(bench: Bench) -> None:
    lacking = (
        table("nothere").select("*"),
        requests().select("nothere"),
        requests().insert(request(nothere=1)),
        rpc("nothere"),
        sessions().select("id,skills(name)"),
    )
    found = judged(bench, *lacking, lacks=LackingDatabase(partial=True))
    assert found.verdicts == []
    assert [one.why.partition(":")[0] for one in found.not_judged] == ["the contract does not name it"] * len(lacking)
    written = requests().select("nothere").eq("status", "gone")
    (value,) = judged(bench, written, lacks=LackingDatabase(partial=True)).verdicts
    assert value.rule.name == "impossible-value"


def test_what_a_file_would_make_that_did_not_run_is_not_known(bench: Bench) -> None:
    lacks = LackingDatabase(unmade=("create table public.Later (id int);\nselect refused();",))
    written = (
        table("later").select("*"),
        rpc("refused"),
        table("never").select("*"),
        requests().select("nothere"),
        sessions().select("id,later(id)"),
    )
    found = judged(bench, *written, lacks=lacks)
    assert [(one.rule.name, one.actual) for one in found.verdicts] == [
        ("unknown-table", "never"),
        ("unknown-column", "nothere"),
    ]
    assert [one.why.partition(":")[0] for one in found.not_judged] == ["a file that did not run may make it"] * 3


@pytest.mark.parametrize("text", ["\ud83d\ude00", "a\ud800", "\0", "\ufffe"])
def test_any_character_of_code_is_judged(bench: Bench, text: str) -> None:
    found = judged(bench, sessions().select("id").eq("stripe_session_id", text), sessions().select("nothere"))
    wanted = {"unknown-column"} | ({"impossible-value"} if _is_refused(text) else set())
    assert {one.rule.name for one in found.verdicts} == wanted


def _is_refused(text: str) -> bool:
    return any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text)


@pytest.mark.parametrize(
    ("name", "schema", "rules"),
    [
        ("session_requests", None, []),
        ("session_request", None, ["unknown-table"]),
        ("secrets", "private", []),
        ("*", "public", []),
        (UNKNOWN, None, []),
    ],
)
def test_subscriptions(bench: Bench, name: object, schema: object, rules: list[str]) -> None:
    found = judge(bench.connection, [listened(name, schema=schema)], bench.cache)
    assert [one.rule.name for one in found.verdicts] == rules


STATEMENTS: dict[str, tuple[str, list[str]]] = {
    "clean": ("select id, status from session_requests where status = $1 and customer_id = $2", []),
    "qualified": ("insert into public.skills (id, name) values ($1, $2) on conflict (id) do nothing", []),
    "table": ("select 1 from session_request", ["unknown-table 42P01 session_request"]),
    "column": ("select r.statuss from session_requests r", ["unknown-column 42703 r.statuss"]),
    "value": (
        "update session_requests set status = 'unattended' where id = $1",
        ["impossible-value 22P02 'unattended'"],
    ),
    "function": ("select acept_request($1)", ["unknown-function 42883 acept_request"]),
    "operator": ("select 1 from sessions where id like 'x%'", ["wrong-operator 42883 like"]),
    "syntax": ("select id, from sessions", ["rejected-statement 42601 from"]),
    "ambiguous": (
        "select id from sessions s, mechanics m where s.mechanic_id = m.id",
        ["rejected-statement 42702 id"],
    ),
    "generated": (
        "insert into messages (length) values (1)",
        ["generated-column-written 428C9 length"],
    ),
    "several": ("select 1; select 2", []),
    "a parameter without a type": ("select $1", []),
}


@pytest.mark.parametrize(("text", "verdicts"), STATEMENTS.values(), ids=STATEMENTS)
def test_statements(bench: Bench, text: str, verdicts: list[str]) -> None:
    at = Span("app/db.ts", 3, 9, 3, 9 + len(text))
    found = judge(bench.connection, [CodeStatement(at=at, text=text, places=((0, at),))], bench.cache)

    def word(one: CodeVerdict) -> str:
        assert one.at.line == 3
        return text[one.at.column - 9 : one.at.end_column - 9]

    told = [f"{one.rule.name} {one.state} {word(one)}" for one in found.verdicts]
    told = [one.replace("written 42601", "written 428C9") for one in told]  # PostgreSQL 13
    assert told == verdicts


# What the plan tells of a write: the rules with the words that they mark, and “?” where a trigger may fill the column.
NULLS: dict[str, tuple[str, list[str]]] = {
    "all there": ("insert into skills (id, name) values (1, 'a') on conflict (id) do nothing", []),
    "a parameter": ("insert into skills (id, name) values ($1, $2)", []),
    "left out": ("insert into skills (id) values ($1)", ["omitted-required-column skills"]),
    "left out without a list": ("insert into public.skills values (1)", ["omitted-required-column public.skills"]),
    "left out in several rows": ("insert into skills (id) values (1), (2)", ["omitted-required-column skills"]),
    "left out of an upsert": (
        "insert into skills (id) values (1) on conflict (id) do update set name = 'a'",
        ["omitted-required-column skills"],
    ),
    "left out by a query": ("insert into skills (id) select $1::int", ["omitted-required-column skills"]),
    "left out behind a part": (
        "with one as (select 1 as id) insert into skills (id) select id from one",
        ["omitted-required-column skills"],
    ),
    "null": ("insert into skills (id, name) values (1, NULL)", ["null-in-required-column NULL"]),
    "null without a list": ("insert into skills values (1, null)", ["null-in-required-column null"]),
    "null in one of several rows": (
        "insert into skills (id, name) values (1, 'a'), (2, (null)), (3, 'null') on conflict (id) do nothing",
        ["null-in-required-column null"],
    ),
    "null in one of several, with parameters": ("insert into skills (id, name) values ($1, 'a'), ($2, null)", ["?"]),
    "null in several rows where it may be": ("insert into mechanics (email, name) values ('a', null), ('b', 'c')", []),
    "null in a row beside those that are written": (
        "with d (a, b) as (values (1, null)) insert into skills (id, name) values (1, 'x'), (2, 'y')",
        [],
    ),
    "null in several rows beside those that are written": (
        "with d (a, b) as (values (1, null), (2, null)) insert into skills (id, name) values (1, 'x'), (2, 'y')",
        [],
    ),
    "null in one of several rows, behind others": (
        "with d (a, b) as (values (1, 2)) insert into skills (id, name) values (1, 'x'), (2, NULL)",
        ["null-in-required-column NULL"],
    ),
    "null in several rows that are read": (
        "insert into skills (id, name) select a, b from (values (1, NULL), (2, 'x')) as v (a, b)",
        ["null-in-required-column NULL"],
    ),
    "null in a row that no plan shows": (
        "insert into skills (id, name) select a, b from (values ((random() * $1)::int, null)) as v (a, b)",
        ["?"],
    ),
    "null for a default": (
        "insert into sessions (plan, type, stripe_session_id, metadata) values ('a', 'chat', $1, null)",
        ["null-in-required-column null"],
    ),
    "null of a domain": ("insert into written.limits (id) values (1)", ["omitted-required-column written.limits"]),
    "a parameter of a domain": (
        "insert into written.accounts (id, address) values ($1, $2) on conflict do nothing returning id, $3::text",
        [],
    ),
    "a parameter of a domain, and null": (
        "insert into written.accounts (id, address) values (null, $1)",
        ["null-in-required-column null"],
    ),
    "an update by a parameter of a domain": ("update written.limits set amount = $2 where id = $1", []),
    "null where it may be": ("insert into mechanics (email, name) values ('a', null)", []),
    "a query without rows": ("insert into skills (id) select 1 where false", []),
    "a conflict without a key": (
        "insert into skills (id, name) values (1, 'a') on conflict (name) do nothing",
        ["conflict-without-unique-key conflict"],
    ),
    "a conflict by some rows": (
        "insert into sessions (plan, type, stripe_session_id) values ('a', 'chat', $1)"
        " on conflict (customer_user_id) where status = $2 do nothing",
        ["?"],
    ),
    "an update": ("update skills set name = null where id = $1", ["null-in-required-column null"]),
    "an update of several": (
        "update only public.sessions as s set code = null, plan = $1, metadata = null where s.id = $2",
        ["null-in-required-column metadata"],
    ),
    "an update of what may be null": ("update sessions set code = null, plan = $1 where id = $2", []),
    "an update of no row": ("update skills set name = null where false", []),
    "by a trigger": ("insert into filled (id, kind) values (1, 'a')", ["?"]),
    "through a view that names others": ("update written.swapped set b = null", []),
    "on a table below": ("insert into written.parts (id) values (1)", ["?"]),
}


@pytest.mark.parametrize(("text", "expected"), NULLS.values(), ids=NULLS)
def test_nulls_of_statements(bench: Bench, text: str, expected: list[str]) -> None:
    at = Span("app/db.sql", 1, 1, 1, 1 + len(text))
    found = judge(bench.connection, [CodeStatement(at=at, text=text, places=((0, at),))], bench.cache)
    told = [f"{one.rule.name} {text[one.at.column - 1 : one.at.end_column - 1]}" for one in found.verdicts]
    if (
        bench.connection.info.server_version < 140000 and "swapped" in text
    ):  # where a plan names all columns of an update
        expected = ["null-in-required-column null"]
    assert [*told, *("?" for _ in found.not_judged)] == expected
    assert found.proven == (0 if expected else 1)
    assert bench.connection.execute("select count(*) from pg_prepared_statements").fetchone() == (0,)


def test_a_write_is_not_proven_where_the_role_may_not_plan_it(bench: Bench) -> None:
    text = "insert into skills (id, name) values (1, 'a')"
    statement = CodeStatement(at=Span("a", 1, 1, 1, 2), text=text)
    with bench.connection.transaction(force_rollback=True):
        bench.connection.execute("set local role pg_monitor")
        found = judge(bench.connection, [statement], bench.cache)
    (one,) = found.not_judged
    assert "permission denied for table skills" in one.why
    assert (found.proven, one.parsed) == (0, True)


@pytest.mark.parametrize("ask", [parse_all, plans_of])
def test_a_statement_that_takes_too_long_is_told_as_one(
    server: DatabaseServer, template: Template, ask: Callable[[Connection, list[str]], object]
) -> None:
    url = server.create(template("code", [SCHEMA]))
    texts = ["select 1", "update public.skills set name = $1", "select 2"]
    with closing(connect(url)) as connection, closing(connect(url)) as other:
        other.execute("begin")
        other.execute("lock table public.skills")
        connection.execute("begin")
        connection.execute("set local statement_timeout = 50")
        with pytest.raises(psycopg.OperationalError, match="statement timeout"):
            ask(connection, texts)
        assert connection.execute("select 1").fetchone() == (1,)
    server.drop(url)


# What is right or wrong by the types that a client gives to parameters, or by what stands for a part.
BY_PARTS: dict[str, tuple[str, list[str]]] = {
    "a type that the client gives": ("select 1 from sessions where created_at::date > $1 - interval '1 day'", []),
    "several functions": ("select to_char($1, 'YYYY'), sum($2)", []),
    "no such function": ("select nothere($1)", ["unknown-function"]),
    "no such operator": ("select 1 from sessions where id like 'x%' and type = $1", ["wrong-operator"]),
    "no value of an enum": (
        "update session_requests set status = 'unattended' where id = $1",
        ["impossible-value"],
    ),
    "a list": ("select 1 from sessions where id in $1", []),
    "a place in a text": ("select now() - interval '%s days'", []),
    "a table": ("select 1 from $1", []),
    "a part that is put into others": ("with one as (select 1)\n", []),
    "a slip behind a list": ("select 1 from sessions where nothere = $1 and id in ($2)", ["unknown-column"]),
}


@pytest.mark.parametrize(("text", "rules"), BY_PARTS.values(), ids=BY_PARTS)
def test_what_parameters_decide_is_not_known(bench: Bench, text: str, rules: list[str]) -> None:
    at = Span("app/db.py", 3, 9, 3, 9 + len(text))
    statement = CodeStatement(at=at, text=text, typed=True, places=((0, at),))
    found = judge(bench.connection, [statement], bench.cache)
    assert [one.rule.name for one in found.verdicts] == rules
    assert len(found.not_judged) == (0 if rules else 1)


def test_a_place_in_a_statement_of_several_lines(bench: Bench) -> None:
    text = "select id,\n       statuss\n  from session_requests"
    at = Span("app/db.ts", 3, 9, 5, 24)
    (found,) = judge(bench.connection, [CodeStatement(at=at, text=text, places=((0, at),))], bench.cache).verdicts
    assert found.at == Span("app/db.ts", 4, 8, 4, 15)


def test_nothing_is_changed(bench: Bench) -> None:
    judged(bench, *CLEAN.values(), *(one for one, _ in WRONG.values()))
    assert bench.connection.execute("select count(*) from public.session_requests").fetchone() == (0,)
    assert bench.connection.execute("show transaction_read_only").fetchone() == ("on",)


TEMPLATES: dict[str, tuple[Written, list[str], int]] = {
    "clean": (requests().select("*").or_(Partly("customer_id.eq.", UNKNOWN, ",status.eq.pending")), [], 0),
    "wrong beside it": (
        requests().select("*").or_(Partly("customer_id.eq.", UNKNOWN, ",status.eq.unattended")),
        ["impossible-value 22P02 unattended"],
        0,
    ),
    "wrong before it": (
        requests().select("*").or_(Partly("statuss.eq.", UNKNOWN, ",customer_id.eq.", UNKNOWN)),
        ["unknown-column 42703 statuss"],
        0,
    ),
    "pattern": (sessions().select("*").ilike("plan", Partly("%", UNKNOWN, "%")), [], 0),
    "pattern on a uuid": (
        sessions().select("*").ilike("id", Partly("%", UNKNOWN, "%")),
        ["wrong-operator 42883 id"],
        0,
    ),
    "columns": (requests().select(Partly("id, ", UNKNOWN, ", nothere")), ["unknown-column 42703 nothere"], 1),
    "a column of another name": (
        requests().select("*").or_(Partly(UNKNOWN, ".eq.x,nothere.is.null")),
        ["unknown-column 42703 nothere"],
        1,
    ),
    "an embedded table": (requests().select(Partly("id, ", UNKNOWN, "(id)")).eq("x.id", 1), [], 1),
    "a part that is a filter": (requests().select("*").or_(Partly("status.eq.pending,", UNKNOWN)), [], 1),
    "a table": (table(Partly("session_", UNKNOWN)).select("*"), [], 1),
    "a list": (requests().select("*").filter("status", "in", Partly("(pending,", UNKNOWN, ")")), [], 0),
}


@pytest.mark.parametrize(("written", "verdicts", "left"), TEMPLATES.values(), ids=TEMPLATES)
def test_what_is_known_of_a_text_is_judged(bench: Bench, written: Written, verdicts: list[str], left: int) -> None:
    found = judged(bench, written)
    assert told(bench, written) == verdicts
    assert len(found.not_judged) == left


# What PostgREST and not PostgreSQL refuses, what is no failure, and what is left out of the statement that is judged.
NOT_RUN = {"unfiltered-write", "single-of-many", "generated-column-written"}


def test_the_server_refuses_what_is_run(server: DatabaseServer, template: Template, bench: Bench) -> None:
    """The statements of verdicts fail with their code when they are run; those of clean requests do not."""
    url = server.create(template("code", [SCHEMA]))
    run = 0
    with closing(connect(url)) as connection:
        connection.execute("begin")
        connection.execute("select set_config('search_path', 'public', true)")
        for row in ROWS:  # an update of no row fails in nothing
            connection.execute(row.encode())
        for written, _ in WRONG.values():
            found = [one for one in judged(bench, written).verdicts if not one.state.startswith("PGRST")]
            found = [one for one in found if one.rule.name not in NOT_RUN and "$" not in one.sql and one.certain]
            if not found:
                continue
            run += 1
            assert outcome(connection, found[0].sql) in {one.state for one in found}, found[0].sql
        for name, written in CLEAN.items():
            text = compiled(sent_for(written.request()), bench.cache).sql
            if text is None or "$" in text.text() or name in DYNAMIC:
                continue
            run += 1
            assert outcome(connection, text.text()) in {"", *OF_OTHER_ROWS}, name
        for said, expected in NULLS.values():
            if "$" not in said:
                run += 1
                fails = any(one != "?" for one in expected)
                assert outcome(connection, said) in ({"23502", "42P10"} if fails else {"", *OF_OTHER_ROWS}), said
    server.drop(url)
    assert run > 85


OF_OTHER_ROWS = {"23503", "23505"}
ROWS = (
    f"insert into auth.users (id) values ('{ID}')",
    f"insert into public.profiles (id) values ('{ID}')",
    f"insert into public.sessions (id, plan, type, stripe_session_id) values ('{ID}', 'free', 'chat', 'one')",
    "insert into public.session_requests (id, customer_id, session_type, plan_code)"
    f" values ('{ID}', '{ID}', 'chat', 'free')",
    "insert into public.skills (id, name) values (7, 'a')",
)


def outcome(connection: Connection, text: str) -> str:
    """The code of the error that a statement ends with, "" if with none; it is taken back."""
    connection.execute("savepoint one")
    try:
        connection.execute(text.encode())
    except psycopg.Error as error:
        return error.sqlstate or ""
    finally:
        connection.execute("rollback to savepoint one")
    return ""
