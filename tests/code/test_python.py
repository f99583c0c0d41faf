"""What the reader of Python finds: clean, near and wrong, in the spellings of the wild."""

from __future__ import annotations

from pathlib import Path

import pytest

from code_found import Tree, request
from sessionaudit.audits.code.model import CodeFile, CodeStatement
from sessionaudit.audits.code.postgrest.wire import sent_for
from sessionaudit.audits.code.readers.python.reader import read
from sessionaudit.audits.code.statements import place_in

HEAD = "from supabase import create_client\nsupabase = create_client(URL, KEY)\n"


def read_python(text: str, files: dict[str, str] | None = None, name: str = "app/page.py") -> CodeFile:
    return read(Path(name), name, text.encode(), Tree(files or {}))


def found(text: str, files: dict[str, str] | None = None) -> list[str]:
    return [request(one) for one in read_python(text, files).requests]


def one(text: str, files: dict[str, str] | None = None) -> str:
    """The only request of a text, behind a client that is declared before."""
    each = found(HEAD + text, files)
    assert len(each) == 1, each
    return each[0]


READ = {
    "a table and columns": (
        'supabase.table("a").select("b, c").execute()',
        "supabase: select a 'b, c' -> handled",
    ),
    "columns one by one": (
        'supabase.table("a").select("b", "c(d)").execute()',
        "supabase: select a 'b,c(d)' -> handled",
    ),
    "no columns": ('supabase.from_("a").select().execute()', "supabase: select a -> handled"),
    "over many lines, with comments": (
        '(\n  supabase.table("a")  # all\n  .select("b")\n  # but\n  .eq("c", 1)\n  .execute()\n)',
        "supabase: select a 'b' .eq('c', 1) -> handled",
    ),
    "a count": (
        'supabase.table("a").select("b", count="exact", head=True).execute()',
        "supabase: select a 'b' with {count: 'exact', head: True} -> handled",
    ),
    "a count of the enum": (
        'supabase.table("a").select("b", count=CountMethod.exact).execute()',
        "supabase: select a 'b' with {count: 'exact'} -> handled",
    ),
    "filters with the names of postgrest-js": (
        'supabase.table("a").select("b").in_("s", ["x", "y"]).is_("t", "null").or_("u.eq.1,v.gt.2")'
        '.match({"w": 1}).like_any_of("z", "a,b").contained_by("q", ["r"]).maybe_single().execute()',
        "supabase: select a 'b' .in('s', ['x', 'y']) .is('t', 'null') .or('u.eq.1,v.gt.2') .match({w: 1}) "
        ".likeAnyOf('z', 'a,b') .containedBy('q', ['r']) .maybeSingle() -> handled",
    ),
    "negations": (
        'supabase.table("a").select("b").not_.is_("c", "null").not_.in_("d", (1, 2)).not_.eq("e", x)'
        '.not_.contains("f", ["g", "h"]).execute()',
        "supabase: select a 'b' .not('c', 'is', 'null') .notIn('d', [1, 2]) .not('e', 'eq', ?unbound) "
        ".not('f', 'cs', '{g,h}') -> handled",
    ),
    "searches and ranges": (
        'supabase.table("a").select("b").fts("c", "d").range_gt("e", (1, 5)).sl("f", [1, 2]).execute()',
        "supabase: select a 'b' .filter('c', 'fts', 'd') .rangeGt('e', '(1,5)') .rangeLt('f', '(1,2)') -> handled",
    ),
    "the order and the limit": (
        'supabase.table("a").select("b").order("c", desc=True, nullsfirst=False, foreign_table="d")'
        '.limit(1, foreign_table="d").range(0, 9).offset(3).execute()',
        "supabase: select a 'b' .order('c', {referencedTable: 'd', ascending: False, nullsFirst: False}) "
        ".limit(1, {referencedTable: 'd'}) .range(0, 9) -> handled",
    ),
    "an or of another table": (
        'supabase.table("a").select("b").or_("c.eq.1", reference_table="d").execute()',
        "supabase: select a 'b' .or('c.eq.1', {referencedTable: 'd'}) -> handled",
    ),
    "a write returns what it wrote": (
        'supabase.table("a").insert({"b": 1, "c": None, "d": -1.5, "e": True}).execute()',
        "supabase: insert a {b: 1, c: None, d: -1.5, e: True} returning -> handled",
    ),
    "a write that returns little": (
        'supabase.table("a").update({"b": 1}, returning="minimal").eq("c", 2).execute()',
        "supabase: update a {b: 1} .eq('c', 2) -> handled",
    ),
    "an insert that is an upsert": (
        'supabase.table("a").insert({"b": 1}, upsert=True).execute()',
        "supabase: upsert a {b: 1} returning -> handled",
    ),
    "an upsert": (
        'supabase.table("a").upsert([{"b": 1}, {"c": 2}], on_conflict="b", ignore_duplicates=True).execute()',
        "supabase: upsert a [{b: 1}, {c: 2}] returning with {onConflict: 'b', ignoreDuplicates: True} -> handled",
    ),
    "by the names of arguments": (
        'supabase.table(table_name="a").insert(json={"b": 1}).execute()',
        "supabase: insert a {b: 1} returning -> handled",
    ),
    "a delete": (
        'supabase.table("a").delete().eq("b", 1).execute()',
        "supabase: delete a returning .eq('b', 1) -> handled",
    ),
    "a function": (
        'supabase.rpc("f", {"a": 1, "b": [x]}).execute()',
        "supabase: rpc f {a: 1, b: [?unbound]} -> handled",
    ),
    "a function without arguments": ('supabase.rpc("f").execute()', "supabase: rpc f -> handled"),
    "a schema": ('supabase.schema("s").table("a").select("b").execute()', "supabase: select 's'.a 'b' -> handled"),
    "a client of a schema": (
        'api = supabase.schema("s")\napi.table("a").select("b").execute()',
        "api: select 's'.a 'b' -> handled",
    ),
    "an attribute of the answer": (
        'rows = supabase.table("a").select("b").execute().data or []',
        "supabase: select a 'b' -> handled",
    ),
    "texts side by side": (
        'supabase.table("a").select("b,"\n  "c").execute()',
        "supabase: select a 'b,c' -> handled",
    ),
    "an escape": (
        'supabase.table("a").select("b").eq("c", "it\\\'s \\u00e9").execute()',
        "supabase: select a 'b' .eq('c', \"it's é\") -> handled",
    ),
    "columns that are laid out": ('supabase.table("a").select(*xs).execute()', "supabase: select a ?spread -> handled"),
    "async": (
        'async def f():\n    await supabase.table("a").select("b").execute()',
        "supabase: select a 'b' -> handled",
    ),
}


@pytest.mark.parametrize(("text", "expected"), READ.values(), ids=READ)
def test_calls(text: str, expected: str) -> None:
    assert one(text) == expected


# What postgrest 2.34 of PyPI sends, as recorded from it.
SENT = {
    '.eq("a", None)': ("a", "eq.null"),
    '.eq("a", True)': ("a", "eq.true"),
    '.is_("a", None)': ("a", "is.null"),
    '.in_("a", ["x", "y,z", 1])': ("a", 'in.(x,"y,z",1)'),
    '.not_.in_("a", ["x", "y"])': ("a", "not.in.(x,y)"),
    '.not_.contains("a", ["x", "y"])': ("a", "not.cs.{x,y}"),
    '.not_.or_("a.eq.1")': ("not.or", "(a.eq.1)"),
    '.or_("a.eq.1", reference_table="t")': ("t.or", "(a.eq.1)"),
    '.match({"a": 1})': ("a", "eq.1"),
    '.like_any_of("a", "%x,%y")': ("a", "like(any).{%x,%y}"),
    '.ilike_all_of("a", "x,y")': ("a", "ilike(all).{x,y}"),
    '.not_.wfts("a", "b")': ("a", "not.wfts.b"),
    '.contained_by("a", ["x"])': ("a", "cd.{x}"),
    '.overlaps("a", ["x"])': ("a", "ov.{x}"),
    '.range_gt("a", (1, 2))': ("a", "sr.(1,2)"),
    '.nxl("a", (1, 2))': ("a", "nxl.(1,2)"),
    '.range_lt("a", (1, 2))': ("a", "sl.(1,2)"),
    '.range_lte("a", (1, 2))': ("a", "nxr.(1,2)"),
    '.adj("a", (1, 2))': ("a", "adj.(1,2)"),
    '.not_.filter("a", "eq", "1")': ("a", "not.eq.1"),
    '.order("a", desc=True, nullsfirst=True).order("b")': ("order", "a.desc.nullsfirst,b.asc"),
    '.order("a", nullsfirst=False, foreign_table="t")': ("t.order", "a.asc.nullslast"),
    '.limit(3, foreign_table="t")': ("t.limit", "3"),
    ".range(0, 9)": ("limit", "10"),
    '.text_search("a", "b", options={"type": "web_search", "config": "english"})': ("a", "wfts(english).b"),
}


@pytest.mark.parametrize(("call", "expected"), SENT.items(), ids=SENT)
def test_what_the_library_sends(call: str, expected: tuple[str, str]) -> None:
    each = read_python(f'{HEAD}supabase.table("t").select("a"){call}.execute()').requests
    assert expected in [(sent.name.text, sent.value.text) for sent in sent_for(each[0]).query]


CLIENTS = {
    "a parameter of the type": ("from supabase import Client\ndef f(c: Client):\n    ", "c"),
    "a parameter that may be none": (
        "from supabase import AsyncClient\nasync def f(c: AsyncClient | None):\n    x = await ",
        "c",
    ),
    "an attribute": (
        "class A:\n  def __init__(self, x):\n    self.db = create_client(u, k)\n  def f(self):\n    ",
        "self.db",
    ),
    "an attribute of a parameter": (
        "from supabase import Client\nclass A:\n  def __init__(me, x: Client):\n    self.db = x\n  def f(self):\n    ",
        "self.db",
    ),
    "a name alone": ("from other import supabase_admin\n", "supabase_admin"),
    "a function that returns one": ("def make() -> 'SupabaseClient':\n  return x\ndb = make()\n", "db"),
    "a dependency": ("def get():\n  return create_client(u, k)\ndef f(c=Depends(get)):\n    ", "c"),
    "with": ("async def f():\n  async with acreate_client(u, k) as c:\n    x = await ", "c"),
    "one that may be none": ("db = create_client(u, k) if u else None\n", "db"),
    "one of the whole process": (
        "_c: 'Any' = None\ndef get():\n  global _c\n  if not _c:\n    _c = create_client(u, k)\n  return _c\n"
        "db = get()\n",
        "db",
    ),
    "the shape alone": ("def f(db):\n    ", "db"),
}


@pytest.mark.parametrize(("head", "name"), CLIENTS.values(), ids=CLIENTS)
def test_clients(head: str, name: str) -> None:
    assert found(f'{head}{name}.table("a").select("b").execute()') == [f"{name}: select a 'b' -> handled"]


def test_a_client_of_another_file_and_its_key() -> None:
    files = {
        "app/db.py": 'import os\nfrom supabase import create_client\nkey = os.environ["SUPABASE_SERVICE_ROLE_KEY"]\n'
        "client = create_client(os.environ['URL'], key)\n"
    }
    text = "from .db import client as c\nfrom app import db\n"
    text += 'c.table("a").select("b").execute()\ndb.client.rpc("f").execute()'
    each = read_python(text, files).requests
    assert [request(one) for one in each] == ["c: select a 'b' -> handled", "db.client: rpc f -> handled"]
    assert "SERVICE_ROLE" in each[0].client.key


OTHERS = {
    "a bucket": 'from supabase import create_client\ns = create_client(u, k)\ns.storage.from_("a").list()',
    "ibis": 'import ibis\ncon = ibis.connect(u)\ncon.table("a").select("b").execute()',
    "a table on a page": 'st.table("a")',
    "DynamoDB": 'db = boto3.resource("x")\ndb.table("a").delete()',
    "a statement of SQLAlchemy": "session.execute(table.select())",
    "the driver of a browser": 'page.table("a").select("b")',
}


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_what_is_no_request(text: str) -> None:
    assert read_python(text) == CodeFile(path="app/page.py")


LATER = {
    "in a condition": (
        'q = supabase.table("a").select("b")\n  if x:\n    q = q.eq("c", 1)\n  return q.execute()',
        ["supabase: select a 'b' .eq?('c', 1) -> handled"],
    ),
    "always": (
        'q = supabase.table("a").select("b")\n  q = q.eq("c", 1)\n  q = q.order("d")\n  return q.limit(1).execute()',
        ["supabase: select a 'b' .eq('c', 1) .order('d') .limit(1) -> handled"],
    ),
    "without an assignment": (
        'q = supabase.table("a").select("b")\n  q.eq("c", 1)\n  return q.execute()',
        ["supabase: select a 'b' .eq('c', 1) -> handled"],
    ),
    "in arms": (
        'q = supabase.table("a").select("b")\n  if x:\n    q = q.gt("c", 1)\n  elif y:\n    q = q.lt("c", 1)\n'
        '  else:\n    q = q.eq("c", 1)\n  for t in ts:\n    q = q.neq("d", 2)\n  return q.execute()',
        ["supabase: select a 'b' .gt?('c', 1) .lt?('c', 1) .eq?('c', 1) .neq?('d', 2) -> handled"],
    ),
    "one of two": (
        'if x:\n    q = supabase.table("a").select("b")\n  else:\n    q = supabase.table("c").select("d")\n'
        '  return q.eq("e", 1).execute()',
        ["supabase: select a 'b' .eq('e', 1) -> handled", "supabase: select c 'd' .eq('e', 1) -> handled"],
    ),
    "one after another of the same name": (
        'q = supabase.table("a").select("b")\n  q.execute()\n  q = supabase.table("c").select("d")\n  q.execute()',
        ["supabase: select a 'b' -> handled", "supabase: select c 'd' -> handled"],
    ),
    "another name": (
        'q = supabase.table("a").select("b")\n  p = q.eq("c", 1)\n  return p.limit(1).execute()',
        ["supabase: select a 'b' .eq('c', 1) .limit(1) -> handled"],
    ),
    "a table with a name": (
        't = supabase.table("a")\n  t.select("b").execute()\n  t.insert({"b": 1}).execute()',
        ["supabase: select a 'b' -> handled", "supabase: insert a {b: 1} returning -> handled"],
    ),
    "returned": ('return supabase.table("a").select("b")', ["supabase: select a 'b'"]),
    "passed on": ('f(supabase.table("a").select("b"))', ["supabase: select a 'b'"]),
    "never sent": (
        'supabase.table("a").delete().eq("b", 1)',
        ["supabase: delete a returning .eq('b', 1) -> never sent"],
    ),
    "awaited, and never sent": (
        "async def f(db: AsyncClient):\n    await db.table('a').delete().eq('b', 1)",
        ["db: delete a returning .eq('b', 1) -> never sent"],
    ),
    "never sent, with a name": (
        'q = supabase.table("a").select("b")\n  q = q.eq("c", 1)',
        ["supabase: select a 'b' .eq('c', 1) -> never sent"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), LATER.values(), ids=LATER)
def test_requests_that_are_continued(text: str, expected: list[str]) -> None:
    assert found(f"{HEAD}def f(x, y, ts):\n  {text}") == expected


def test_a_call_that_nobody_awaits_is_never_sent() -> None:
    text = "async def f():\n  c = await acreate_client(u, k)\n"
    text += '  c.table("a").delete().execute()\n  return c.rpc("f").execute()'
    assert found(text) == ["c: delete a returning -> never sent", "c: rpc f"]


def test_what_begins_elsewhere_is_said() -> None:
    each = read_python('def f(q):\n  return q.eq("a", 1).execute()\ndef g():\n  pipe.set("a").execute()').unread
    assert [(one.at.line, one.what) for one in each] == [(2, "a request that begins elsewhere")]


PAYLOADS = {
    "a variable": ('p = {"a": 1}', "p", "{a: 1}"),
    "added to": ('p = {"a": 1}\n  p["b"] = 2\n  p.update({"c": 3}, d=4)', "p", "{a: 1, b: 2, c: 3, d: 4}"),
    "added to in a condition": ('p = {"a": 1}\n  if x:\n    p["b"] = 2\n    p["a"] = 3', "p", "{a: (1 | 3), b?: 2}"),
    "taken from": ('p = {"a": 1, "b": 2}\n  del p["a"]\n  p.pop("c", None)', "p", "{b: 2}"),
    "laid out": ('o = {"a": 1}', '{**o, "b": 2, **x}', "{a: 1, b: 2, …spread}"),
    "a union": ('o = {"a": 1}', 'o | {"b": 2}', "{a: 1, b: 2}"),
    "dict()": ("", "dict(a=1, b='c')", "{a: 1, b: 'c'}"),
    "a key that is not known": ("", '{"a": 1, x: 2}', "{a: 1, …expression}"),
    "passed on": ('p = {"a": 1}\n  fill(p)', "p", "{a: 1, …mutated}"),
    "logged": ('p = {"a": 1}\n  logger.info("%s", p)\n  print(p)', "p", "{a: 1}"),
    "rows in a loop": ('p = []\n  for i in x:\n    p.append({"a": i})', "p", "[{a: ?parameter}, …]"),
    "a comprehension": ("", '[{"a": i, "b": "c"} for i in x]', "[{a: ?parameter, b: 'c'}, …]"),
    "of a function": ("", "x.model_dump()", "?call"),
    "one of two": ("", '{"a": "b" if x else "c"}', "{a: ('b' | 'c')}"),
    "or": ("", '{"a": x or "c"}', "{a: (?parameter | 'c')}"),
    "assigned twice": ('p = {"a": 1}\n  p = {"b": 1}', "p", "{b: 1}"),
    "assigned in arms": ('if x:\n    p = {"a": 1}\n  else:\n    p = {"b": 1}', "p", "({a: 1} | {b: 1})"),
    "a constant of a class": (
        "",
        '{"a": Status.OPEN, "b": Status.OPEN.value, "c": Limits.MOST}',
        "{a: 'open', b: 'open', c: 3}",
    ),
    "a text with a constant": (
        "",
        '{"a": f"{TABLE}_x", "b": f"{x}_y", "c": f"{{z}}"}',
        "{a: 'users_x', b: ?(?parameter '_y'), c: '{z}'}",
    ),
    "a parameter with a default": (
        "",
        '{"a": kind, "b": none, "c": word}',
        "{a: ('k' | ?parameter), b: ?parameter, c: ('v' | 'w')}",
    ),
    "what is added afterwards": ('p = {"a": 1}', "p", "{a: 1}"),
}


@pytest.mark.parametrize(("before", "payload", "expected"), PAYLOADS.values(), ids=PAYLOADS)
def test_payloads(before: str, payload: str, expected: str) -> None:
    text = (
        f"{HEAD}TABLE = 'users'\nclass Status(str, Enum):\n  OPEN = 'open'\nclass Limits:\n  MOST: int = 3\n"
        f"def f(x, kind='k', none=None, word: Literal['v', 'w'] = 'v'):\n  {before or 'pass'}\n"
        f'  supabase.table(TABLE).insert({payload}).execute()\n  p["z"] = 1\n'
    )
    assert found(text) == [f"supabase: insert users {expected} returning -> handled"]


def test_constants_of_other_files() -> None:
    files = {
        "app/names.py": "USERS = 'users'\nfrom .more import STATES\n",
        "app/more.py": "STATES = ['a', 'b']\nclass S(StrEnum):\n  X = 'x'\n",
    }
    text = "from app.names import USERS, STATES\nfrom . import more\nfrom gone import Z\nfrom app.more import S\n"
    call = f'{text}{HEAD}supabase.table(USERS).select(Z).in_("s", STATES).in_("t", more.STATES).eq("u", S.X).execute()'
    assert found(call, files) == [
        "supabase: select users ?import .in('s', ['a', 'b']) .in('t', ['a', 'b']) .eq('u', 'x') -> handled"
    ]


FATES = {
    "passed": ("try:\n    CALL\n  except Exception:\n    pass", "ignored"),
    "bare": ("try:\n    CALL\n  except:\n    ...", "ignored"),
    "suppressed": ("with contextlib.suppress(Exception):\n    CALL", "ignored"),
    "logged": ("try:\n    CALL\n  except Exception as e:\n    logger.error('x', e)", "logged"),
    "printed": ("try:\n    CALL\n  except APIError as e:\n    print(e)\n    traceback.print_exc()", "logged"),
    "logged by self": ("try:\n    CALL\n  except (KeyError, APIError):\n    self.logger.exception('x')", "logged"),
    "raised again": ("try:\n    CALL\n  except Exception as e:\n    log.error(e)\n    raise", "handled"),
    "raised as another": ("try:\n    CALL\n  except Exception as e:\n    raise HTTPException(500) from e", "handled"),
    "raised into one that logs": (
        "try:\n    try:\n      CALL\n    except Exception:\n      raise\n  except Exception:\n    print(1)",
        "logged",
    ),
    "returned": ("try:\n    CALL\n  except Exception:\n    return None", "handled"),
    "remembered": ("try:\n    CALL\n  except Exception as e:\n    errors.append(e)", "handled"),
    "another error": ("try:\n    CALL\n  except ValueError:\n    pass", "handled"),
    "another error, then all": (
        "try:\n    CALL\n  except KeyError:\n    raise\n  except Exception:\n    pass",
        "ignored",
    ),
    "an error that is not known": ("try:\n    CALL\n  except CustomThing:\n    pass", None),
    "in the handler": ("try:\n    x()\n  except Exception:\n    CALL", "handled"),
    "in a lambda": ("run(lambda: CALL)", None),
    "in a loop that goes on": (
        "for x in y:\n    try:\n      CALL\n    except Exception as e:\n      print(e)\n      continue",
        "logged",
    ),
}


@pytest.mark.parametrize(("text", "expected"), FATES.values(), ids=FATES)
def test_fates(text: str, expected: str | None) -> None:
    call = text.replace("CALL", 'supabase.table("a").delete().execute()')
    each = found(f"{HEAD}def f(y):\n  {call}")
    assert each == ["supabase: delete a returning" + (f" -> {expected}" if expected else "")]


SQL = {
    "psycopg": ('cur.execute("select %s, %s", (1, 2))', ["select $1, $2"]),
    "by name": ('cur.execute("select %(a)s, %(b)s, %(a)s", {"a": 1, "b": 2})', ["select $1, $2, $1"]),
    "asyncpg": ('await conn.fetchrow("select $1::int", x)', ["select $1::int"]),
    "SQLAlchemy": ('session.execute(text("select :a, x::text from t"), {"a": 1})', ["select $1, x::text from t"]),
    "a text with a name": (
        'from sqlalchemy import text\nq = text("select :a")\nsession.execute(q, {"a": 1})',
        ["select $1"],
    ),
    "a constant": ('Q = """\nselect 1\n"""\ncur.execute(Q)', ["\nselect 1\n"]),
    "a statement of psycopg": ('cur.execute(sql.SQL("select %s"), (1,))', ["select $1"]),
    "many": ('cur.executemany("insert into t values (%s)", rows)', ["insert into t values ($1)"]),
    "one of two": ('cur.execute("select 1" if x else "select 2")', ["select 1", "select 2"]),
    "question marks": (
        "cur.execute(\"select a ? 'b' from t where c = ?\", (1,))",
        ["select a ? 'b' from t where c = $1"],
    ),
    "per cent": ('cur.execute("select 5 %% 2, %s", (1,))', ["select 5 % 2, $1"]),
    "of the driver": ('conn.exec_driver_sql("select 1 where a = %s", (1,))', ["select 1 where a = $1"]),
    "for another database": (
        "cur.execute('select 1' if engine.dialect.name != 'sqlite' else 'select 2')",
        ["select 1"],
    ),
    "no placeholder in a text": ("cur.execute(\"select '%s :a' -- %s\\n\")", ["select '%s :a' -- %s\n"]),
    "no statement": ('cur.execute("create table t (a int)"); pool.execute(job); os.execute("select")', []),
    "another database": ('import sqlite3\ncur.execute("select 1")', []),
    "a constant in a text": ('T = "users"\ncur.execute(f"select * from {T}")', ["select * from users"]),
    "pandas": ('pd.read_sql("select 1", conn)', ["select 1"]),
    "prose": ('st.text("Select one")\nrun.execute("update all packages"); x.execute("with care")', []),
    "a migration": ('from alembic import op\nop.execute("select 1")', []),
    "Django": ('User.objects.raw("select 1")', ["select 1"]),
    "what an ORM composes": ("s.execute(select(User)); s.query(User).all(); User.objects.filter(a=1)", []),
}


@pytest.mark.parametrize(("text", "expected"), SQL.values(), ids=SQL)
def test_statements(text: str, expected: list[str]) -> None:
    each = read_python(text)
    assert [one.text for one in each.statements] == expected
    assert each.unread == ()


# What begins as no statement does is one where a driver of PostgreSQL certainly runs it.
CONNECTIONS: dict[str, tuple[str, bool]] = {
    "a cursor": ("import psycopg\nwith psycopg.connect() as c, c.cursor() as cur:\n  cur.execute(Q)", True),
    "a connection": ("from psycopg2 import connect\nc = connect(u)\ndef f():\n  c.cursor().execute(Q)", True),
    "a type": ("import psycopg\ndef f(cur: psycopg.Cursor[str] | None):\n  cur.execute(Q)", True),
    "a type of several": (
        "import asyncpg\nfrom typing import *\n"
        "async def f(c: 'Annotated[Optional[asyncpg.Connection], D(1, 2)] | asyncpg.Pool'):\n  await c.execute(Q)",
        True,
    ),
    "a type over it": ("import psycopg\ndef f(r: Repository[psycopg.Connection]):\n  r.execute(Q)", False),
    "a type or another": (
        "import psycopg, sqlite3\ndef f(c: psycopg.Connection | sqlite3.Connection):\n  c.execute(Q)",
        False,
    ),
    "a pool": (
        "import asyncpg\nasync def f():\n  pool = await asyncpg.create_pool(u)\n"
        "  async with pool.acquire() as c:\n    await c.fetchrow(Q)",
        True,
    ),
    "of an object": (
        "import psycopg\nclass A:\n  def __init__(self):\n    self.c = psycopg.connect(u)\n"
        "  def f(self):\n    self.c.execute(Q)",
        True,
    ),
    "of another file": ("from db import conn\nconn.execute(Q)", True),
    "a name alone": ("import psycopg\ncur.execute(Q); conn.fetch(Q)", False),
    "another object": ("import psycopg, robots\nr = robots.connect()\nr.cursor().execute(Q)", False),
    "a class of the file": ("import psycopg\nclass Cursor: pass\ndef f(c: Cursor):\n  c.execute(Q)", False),
    "one of two": ("import psycopg\nc = psycopg.connect()\nif x:\n  c = robot\nc.execute(Q)", False),
    "a name of a cursor": ("import psycopg\nc = psycopg.connect()\nc.cursor(Q)", False),
    "another database": ("import psycopg, sqlite3\nimport sqlite3\nc = psycopg.connect()\nc.execute(Q)", False),
}


@pytest.mark.parametrize(("text", "runs"), CONNECTIONS.values(), ids=CONNECTIONS)
def test_what_certainly_runs_sql(text: str, runs: bool) -> None:
    files = {"app/db.py": "import psycopg\nconn = psycopg.connect()"}
    each = read_python(text.replace("Q", '"selct 1"'), files)
    assert [one.text for one in each.statements] == (["selct 1"] if runs else [])
    assert each.unread == ()
    other = read_python(text.replace("Q", '"-- a\\nset a to b"'), files)  # of which the server looks nothing up
    assert (other.statements, other.unread) == ((), ())


def test_a_text_that_is_composed_for_a_connection_is_said() -> None:
    each = read_python('import psycopg\nc = psycopg.connect()\nc.execute(f"{verb} from t")\nc.execute(q)')
    assert (each.statements, len(each.unread)) == ((), 1)


@pytest.mark.parametrize(
    "text",
    [
        'cur.execute(f"select * from {table}")',
        'cur.execute("select * from %s" % table)',
        'cur.execute("select * from {}".format(table))',
        'cur.execute("select a from " + table)',
        'cur.execute(sql.SQL("select * from {}").format(sql.Identifier(t)))',
        'execute_values(cur, "insert into t values %s", rows)',
        'import sqlite3, psycopg\nimport psycopg\nimport sqlite3\ncur.execute("select 1")',
    ],
)
def test_statements_that_cannot_be_read_are_said(text: str) -> None:
    each = read_python(text)
    assert (each.statements, len(each.unread)) == ((), 1)


def place(statement: CodeStatement, word: str) -> tuple[int, int, int]:
    at = place_in(statement, statement.text.index(word) + 1)
    return at.line, at.column, at.end_column


def test_places_lead_back() -> None:
    text = 'cur.execute("""\n  select %(long)s, wrong\n  from t""", {})\n'
    text += 'cur.execute("select %s, "\n    "é, %s, gone from t", (1, 2))'
    first, second = read_python(text).statements
    assert place(first, "wrong") == (2, 20, 25)
    assert place(second, "gone") == (5, 13, 17)
    assert place(second, "select") == (4, 14, 20)


def test_the_failure_of_a_statement() -> None:
    text = 'try:\n  cur.execute("select 1")\nexcept psycopg.Error:\n  pass'
    assert [one.fate.value for one in read_python(text).statements] == ["ignored"]


def test_suppressions() -> None:
    text = 'x = 1  # sessionaudit: ignore[unknown-table, SA901] made by hand\ny = "# sessionaudit: ignore"'
    each = read_python(text).suppressions
    assert [(one.rules, one.reason, one.at.line) for one in each] == [(("unknown-table", "SA901"), "made by hand", 1)]


def test_a_file_with_errors_is_read_as_far_as_it_goes() -> None:
    assert one('def f(:\n  pass\nsupabase.table("a").select("b").execute()') == "supabase: select a 'b' -> handled"
