"""@supabase/postgrest-js itself sends, for each case, the request that we say it sends."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from code_requests import Either, Written, rpc, table
from consumers import CACHE, npm_installed
from sessionaudit.audits.code.model import Items, Known, Span
from sessionaudit.audits.code.postgrest.choices import MOST, variants
from sessionaudit.audits.code.postgrest.wire import sent_for
from sessionaudit.audits.code.postgrest.wire_text import HOLE, Origin, WireText, json_text, listed, spelled

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

PACKAGE = "@supabase/postgrest-js@2.119.1"
PROGRAM = """\
import fs from 'node:fs';
import { PostgrestClient } from '@supabase/postgrest-js';
for (const [number, text] of JSON.parse(fs.readFileSync('cases.json', 'utf8')).entries()) {
  const supabase = new PostgrestClient(process.env.RECORDER, { headers: { 'x-case': String(number) } });
  await new Function('supabase', `return ${text}`)(supabase);
}
"""


class Sent(NamedTuple):
    """What a client sends."""

    method: str
    path: str
    query: list[tuple[str, str]]
    prefer: list[str]
    accept: str | None
    profile: str | None
    body: object


CASES: dict[str, Written] = {
    "all": table("t").select(),
    "blanks": table("t").select(' id , "two words", other:profiles ( full_name ) ,\n\tx'),
    "count": table("t").select("*", count="exact", head=True),
    "planned": table("t").select("a", count="planned"),
    "schema": table("t", schema="audit").select("*").eq("a", 1),
    "schema of a write": table("t", schema="audit").insert({"a": 1}),
    "comparisons": table("t").select().eq("a", 1).neq("b", "x").gt("c", 1.5).gte("d", -1).lt("e", 1e21).lte("f", 0),
    "numbers": table("t").select().eq("a", 1.0).eq("b", 1e-7).eq("c", 0.000001).eq("d", 123456789012).eq("e", 2.5e30),
    "null and true": table("t").select().eq("a", None).eq("b", True).is_("c", None).is_("d", False).is_("e", "unknown"),
    "patterns": table("t").select().like("a", "%x%").ilike("b", "*y_"),
    "all of": table("t").select().likeAllOf("a", ["%x%", "y"]).likeAnyOf("b", ["z"]),
    "any of": table("t").select().ilikeAllOf("a", ["%x%"]).ilikeAnyOf("b", ["y", "z"]),
    "regular": table("t").select().regexMatch("a", "^x$").regexIMatch("b", "[a-z]+"),
    "distinct": table("t").select().isDistinct("a", None).isDistinct("b", 2),
    "in": table("t").select().in_("a", ["pending", "unattended", "pending"]).in_("b", [1, 2, 2]),
    "in with marks": table("t").select().in_("a", ["x,y", "(z)", 'q"q', "with blank", None]),
    "in of nothing": table("t").select().in_("a", []),
    "not in": table("t").select().notIn("a", ["x,y", 2]),
    "contains": table("t").select().contains("a", ["x", "y z"]).contains("b", {"k": 1}).contains("c", "[1,2)"),
    "contained": table("t").select().containedBy("a", ["x"]).containedBy("b", {"k": [1, None]}),
    "overlaps": table("t").select().overlaps("a", [1, 2]).overlaps("b", "[1,2)"),
    "ranges": table("t").select().rangeGt("a", "[1,2)").rangeGte("a", "[1,2)").rangeLt("a", "[1,2)"),
    "more ranges": table("t").select().rangeLte("a", "[1,2)").rangeAdjacent("a", "[1,2)"),
    "search": table("t").select().textSearch("a", "cat & dog").textSearch("b", "x", config="english", type="plain"),
    "searches": table("t").select().textSearch("a", "x", type="phrase").textSearch("b", "y", type="websearch"),
    "match": table("t").select().match({"a": 1, "b": "x", "c": None}),
    "not": table("t").select().not_("a", "is", None).not_("b", "in", '("x","y")').not_("c", "eq", 3),
    "filter": table("t").select().filter("a", "in", "(1,2)").filter("b->>k", "eq", "x").filter("c", "cs", "{1}"),
    "or": table("t").select().or_("a.eq.1,and(b.gt.2,c.is.null)"),
    "or of a table": table("t").select("*,u(*)").or_("a.eq.1,b.eq.2", referencedTable="u"),
    "or of a foreign table": table("t").select("*,u(*)").or_("a.eq.1", foreignTable="u"),
    "order": table("t").select().order("a").order("b", ascending=False).order("c", nullsFirst=True),
    "nulls": table("t").select().order("a", ascending=False, nullsFirst=False).order("b", ascending=True),
    "order of a table": table("t").select("*,u(*)").order("a", referencedTable="u").order("b").order("c"),
    "order by a column of a table": table("t").select("*,u(*)").order("u(a)", ascending=False),
    "limit": table("t").select().limit(5).limit(6),
    "limit of a table": table("t").select("*,u(*)").limit(5, referencedTable="u").limit(1, foreignTable="v"),
    "range": table("t").select().range(10, 19),
    "range of a table": table("t").select("*,u(*)").range(0, 9, {"referencedTable": "u"}),
    "single": table("t").select().single(),
    "maybe": table("t").select().limit(1).maybeSingle(),
    "csv": table("t").select().csv(),
    "geojson": table("t").select().geojson(),
    "explain": table("t").select().explain(),
    "explain more": table("t").select().single().explain(analyze=True, wal=True, format="json"),
    "words that send nothing": table("t").select().returns().overrideTypes().throwOnError().retry(False),
    "rollback": table("t").update({"a": 1}).eq("b", 2).rollback(),
    "affected": table("t").update({"a": 1}).eq("b", 2).maxAffected(1),
    "filters of embedded tables": table("t").select("*,u!inner(*)").eq("u.a", "x").is_("u.b", None),
    "path in JSON": table("t").select("a->b->>c").eq("a->b->>c", "x"),
    "insert": table("t").insert({"a": 1, "b": None, "c": "x", "d": {"k": [1, "y"]}, "e": True}),
    "insert and select": table("t").insert({"a": 1}, count="exact").select("id, u(*)").single(),
    "insert rows": table("t").insert([{"a": 1, "b": 2}, {"b": 3, "c d": 4}]),
    "insert rows without": table("t").insert([{}, {}]),
    "insert with defaults": table("t").insert([{"a": 1}, {"b": 2}], defaultToNull=False, count="planned").select(),
    "upsert": table("t").upsert({"a": 1}),
    "upsert on": table("t").upsert({"a": 1}, onConflict="a,b", ignoreDuplicates=True, count="estimated").select("a"),
    "upsert rows": table("t").upsert([{"a": 1}, {"b": 2}], onConflict="a", defaultToNull=False),
    "update": table("t").update({"a": None}, count="exact").eq("id", "x").select(),
    "update of nothing": table("t").update({}).eq("id", 1),
    "delete": table("t").delete().in_("id", [1, 2]).select("id"),
    "delete and count": table("t").delete(count="exact").lt("a", "2025-01-01"),
    "call": rpc("f"),
    "call with": rpc("f", {"a": 1, "b": "x", "c": [1, 2], "d": {"k": 1}, "e": None}),
    "call to read": rpc("f", {"a": 1, "b": "x y", "c": [1, 2], "d": None, "e": {"k": 1}}, get=True, count="exact"),
    "call for the head": rpc("f", {"a": 1}, head=True),
    "call for the head with an object": rpc("f", {"a": {"k": 1}}, head=True, count="exact"),
    "call and select": rpc("f", {"a": 1}).select("id, u(*)").eq("id", 3).order("id").limit(2).single(),
    "call and filter": rpc("f", schema="audit").eq("id", 3),
    "plus and ampersand": table("t").select().eq("a", "x+y&z=1 %2F #é—€"),
    "quoted name": table("two words").select('"a b"').eq('"a b"', 1),
}


@pytest.fixture(scope="module")
def node() -> Path:
    """Where npm's package is."""
    return npm_installed(CACHE / "postgrest-js", PACKAGE)


@contextmanager
def recorder(found: dict[int, Sent]) -> Generator[str]:
    """A server that keeps what it is sent, by the number of the case."""

    class Recorder(BaseHTTPRequestHandler):
        def do(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            found[int(self.headers["x-case"])] = Sent(
                self.command,
                unquote(parts.path),
                parse_qsl(parts.query, keep_blank_values=True),
                [one.strip() for one in (self.headers.get("prefer") or "").split(",")],
                None if self.headers.get("accept") == "*/*" else self.headers.get("accept"),
                self.headers.get("accept-profile") or self.headers.get("content-profile"),
                json.loads(body) if body else None,
            )
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(b"[]")

        do_GET = do_HEAD = do_POST = do_PATCH = do_DELETE = do  # noqa: N815 - http.server calls them so

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server declares it
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Recorder) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def ours(written: Written) -> Sent:
    wire = sent_for(written.request())
    query = [(one.name.text, one.value.text) for one in wire.query]
    profile = wire.profile.text if wire.profile else None
    body = None if wire.body is None else json.loads(json_text(wire.body))
    return Sent(wire.method, wire.path.text, query, wire.prefer or [""], wire.accept, profile, body)


def by_name(sent: Sent) -> Sent:
    """The order of the parameters of different names is no matter."""
    return sent._replace(query=sorted(sent.query, key=lambda one: one[0]))


@pytest.mark.thorough
def test_the_library_sends_what_we_say(node: Path, tmp_path: Path) -> None:
    (tmp_path / "node_modules").symlink_to(node)
    (tmp_path / "send.mjs").write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "cases.json").write_text(json.dumps([one.text for one in CASES.values()]), encoding="utf-8")
    found: dict[int, Sent] = {}
    with recorder(found) as url:
        environment = {"PATH": os.environ["PATH"], "RECORDER": url}
        done = subprocess.run(
            ("node", "send.mjs"), cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60
        )
    assert done.returncode == 0, done.stderr
    theirs = {name: by_name(found[number]) for number, name in enumerate(CASES)}
    assert theirs == {name: by_name(ours(written)) for name, written in CASES.items()}


def test_a_choice_is_several_requests() -> None:
    request = table(Either("a", "b")).select("*").eq("x", Either(1, 2, 3)).request()
    sent = {(one.path.text, one.query[1].value.text) for one in map(sent_for, variants(request))}
    assert sent == {(path, f"eq.{number}") for path in ("/a", "/b") for number in (1, 2, 3)}


def test_many_choices_are_each_taken_once() -> None:
    written = table("t").select("*")
    for column in "abcdefg":
        written.eq(column, Either(1, 2, 3))
    found = variants(written.request())
    assert len(found) <= MOST
    sent = [sent_for(one) for one in found]
    assert {one.value.text for wire in sent for one in wire.parameters("g")} == {"eq.1", "eq.2", "eq.3"}


def test_a_place_survives_the_blanks() -> None:
    written = table("t").select("id,  status , nothere")
    (select,) = sent_for(written.request()).parameters("select")
    start = select.value.text.index("nothere")
    at = select.value.span(start, start + 7)
    assert at is not None
    assert written.word(at) == "nothere"


def test_a_place_in_a_list() -> None:
    written = table("t").select("*").in_("status", ["pending", "unat,tended"])
    (status,) = sent_for(written.request()).parameters("status")
    start = status.value.text.index("unat")
    at = status.value.span(start, start + 11)
    assert at is not None
    assert written.word(at) == "unat,tended"


def test_a_place_on_a_later_line() -> None:
    literal = "id,\n    status,\n    other"
    text = WireText(literal, (Origin(0, literal, Span("a.ts", 3, 10, 5, 10), True),)).without(
        lambda one: (at for at, character in enumerate(one) if character.isspace())
    )
    start = text.text.index("other")
    assert text.span(start, start + 5) == Span("a.ts", 5, 5, 5, 10)


def test_what_is_not_known_is_a_hole() -> None:
    at = Span("a.ts", 1, 1, 1, 2)
    assert listed(Items((Known("a", at),), at, open=True)).text == f"a,{HOLE}"


@pytest.mark.parametrize(("value", "text"), [(1.0, "1"), (1e21, "1e+21"), (1e-7, "1e-7"), (0.1, "0.1"), (-0.0, "0")])
def test_numbers_are_spelled_as_javascript_does(value: float, text: str) -> None:
    assert spelled(value) == text
