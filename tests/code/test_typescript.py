"""What the reader of TypeScript finds: clean, near and wrong, in the spellings of the wild."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from code_found import read_text, request, requests, value
from sessionaudit.audits.code.model import Dynamic
from sessionaudit.audits.code.readers.typescript.reader import read
from sessionaudit.audits.code.reading import ProjectFiles, read_code, suffixes
from sessionaudit.audits.code.tree import source_tree

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "import { createClient } from '@supabase/supabase-js'\nconst supabase = createClient(URL, KEY)\n"
SENT = "const { data, error } = await "


def one(text: str, files: dict[str, str] | None = None) -> str:
    """The only request of a text, behind a client that is declared before."""
    found = requests(HEAD + text, files)
    assert len(found) == 1, found
    return found[0]


READ = {
    "a table and columns": (
        "await supabase.from('users').select('id, name')",
        "supabase: select users 'id, name' -> ignored",
    ),
    "over many lines, with comments between": (
        "await supabase\n  // all of them\n  .from('users')\n  /* but */ .select(`id,\n name`)\n  .eq('id', 1)",
        "supabase: select users 'id,\\n name' .eq('id', 1) -> ignored",
    ),
    "no columns": ("await supabase.from('users').select()", "supabase: select users -> ignored"),
    "a count": (
        "await supabase.from('users').select('*', { count: 'exact', head: true })",
        "supabase: select users '*' with {count: 'exact', head: True} -> ignored",
    ),
    "embeds stay as they are written": (
        "await supabase.from('a').select('x:y, c->>p, t(x,y), t!fkey(x), t!inner(x), ...s(x), z::text, count()')",
        "supabase: select a 'x:y, c->>p, t(x,y), t!fkey(x), t!inner(x), ...s(x), z::text, count()' -> ignored",
    ),
    "every sort of filter": (
        "await supabase.from('a').select('b').or('a.eq.1,and(b.gt.2,c.is.null)').not('c', 'in', '(\"a\",\"b\")')"
        ".match({ x: 1, y: null }).filter('n', 'gte', 3).contains('tags', ['q']).order('x', { referencedTable: 't' })"
        ".limit(1).maybeSingle()",
        "supabase: select a 'b' .or('a.eq.1,and(b.gt.2,c.is.null)') .not('c', 'in', '(\"a\",\"b\")') "
        ".match({x: 1, y: None}) .filter('n', 'gte', 3) .contains('tags', ['q']) .order('x', {referencedTable: 't'}) "
        ".limit(1) .maybeSingle() -> ignored",
    ),
    "a schema": (
        "await supabase.schema('api').from('users').select('id')",
        "supabase: select 'api'.users 'id' -> ignored",
    ),
    "a client of a schema": (
        "const api = supabase.schema('api')\nawait api.from('users').select('id')",
        "api: select 'api'.users 'id' -> ignored",
    ),
    "a type argument before await's own call": (
        "const res = await supabase.from<'users', any>('users').select('id').returns<X[]>()\nthrow res.error",
        "supabase: select users 'id' .returns() -> handled",
    ),
    "types and assertions around the client and the table": (
        "await (supabase as any).from('users' as never)!.select('id')",
        "supabase: select users 'id' -> ignored",
    ),
    "a cast in the middle of a chain": (
        "await (supabase.from('users') as any).insert({ a: 1 })",
        "supabase: insert users {a: 1} -> ignored",
    ),
    "optional chaining": ("await supabase?.from('users')?.select('id')", "supabase: select users 'id' -> ignored"),
    "brackets, and calls that may not be there": (
        "await supabase?.['from']?.('users')?.['select']?.('id')",
        "supabase: select users 'id' -> ignored",
    ),
    "comments before the brackets": (
        "await supabase./* a */from /* b */ (/* c */ 'users').select('id')",
        "supabase: select users 'id' -> ignored",
    ),
    "a text as it stands": (
        "await supabase.from('a').select(String.raw`b\\d`)",
        "supabase: select a 'b\\\\d' -> ignored",
    ),
    "a write that returns": (
        "await supabase.from('a').insert({ b: 1 }).select('id').single()",
        "supabase: insert a {b: 1} returning 'id' .single() -> ignored",
    ),
    "an upsert": (
        "await supabase.from('a').upsert([{ b: 1 }, { b: 2, c: 3 }], { onConflict: 'b', ignoreDuplicates: true })",
        "supabase: upsert a [{b: 1}, {b: 2, c: 3}] with {onConflict: 'b', ignoreDuplicates: True} -> ignored",
    ),
    "a delete without a filter": ("await supabase.from('a').delete()", "supabase: delete a -> ignored"),
    "a function": (
        "await supabase.rpc('f', { a: 1, b: x }, { count: 'exact' }).limit(2)",
        "supabase: rpc f {a: 1, b: ?unbound} with {count: 'exact'} .limit(2) -> ignored",
    ),
    "a function without arguments": ("await supabase.rpc('f')", "supabase: rpc f -> ignored"),
    "an escape": ("await supabase.from('a').select('b').eq('c', 'it\\'s \\u00e9')", None),
}


@pytest.mark.parametrize(("text", "expected"), READ.values(), ids=READ)
def test_calls(text: str, expected: str | None) -> None:
    assert one(text) == (expected or "supabase: select a 'b' .eq('c', \"it's é\") -> ignored")


LATER = {
    "in a condition": (
        "let q = supabase.from('a').select('b')\nif (x) { q = q.eq('c', 1) }\nconst { error } = await q\n"
        "if (error) throw error",
        ["supabase: select a 'b' .eq?('c', 1) -> handled"],
    ),
    "always": (
        "let q = supabase.from('a').select('b')\nq = q.eq('c', 1)\nq = q.order('d')\nconst { data } = await q.limit(1)",
        ["supabase: select a 'b' .eq('c', 1) .order('d') .limit(1) -> ignored"],
    ),
    "without an assignment, as a builder changes itself": (
        "const q = supabase.from('a').select('b')\nif (x) q.eq('c', 1)\nreturn q",
        ["supabase: select a 'b' .eq?('c', 1) -> handled"],
    ),
    "in a switch and a loop": (
        "let q = supabase.from('a').select('b')\n"
        "switch (x) { case 1: q = q.gt('c', 1); break; default: q = q.lt('c', 1) }"
        "\nfor (const t of ts) q = q.neq('d', t)\nawait q",
        ["supabase: select a 'b' .gt?('c', 1) .lt?('c', 1) .neq?('d', ?unbound) -> ignored"],
    ),
    "in the arms of a conditional": (
        "const q = supabase.from('a').select('b')\nconst { error } = await (x ? q.eq('c', 1) : q)\nthrow error",
        ["supabase: select a 'b' .eq?('c', 1) -> handled"],
    ),
    "two requests, one name": (
        "let q\nif (x) { q = supabase.from('a').select('b') } else { q = supabase.from('c').select('d') }\n"
        "q = q.eq('e', 1)\nconst { error } = await q\nthrow error",
        ["supabase: select a 'b' .eq('e', 1) -> handled", "supabase: select c 'd' .eq('e', 1) -> handled"],
    ),
    "a table that is used twice": (
        "const t = supabase.from('a')\nconst { error } = await t.select('b')\nif (error) throw error\n"
        "await t.insert({ b: 1 })",
        ["supabase: select a 'b' -> handled", "supabase: insert a {b: 1} -> ignored"],
    ),
    "from a function that is called": (
        "const base = () => supabase.from('a').select('b')\nconst { data } = await base().eq('c', 1)",
        ["supabase: select a 'b' .eq('c', 1) -> ignored"],
    ),
    "a table from a function": (
        "function users() { return supabase.from('users') }\nconst { error } = await users().select('id')\nthrow error",
        ["supabase: select users 'id' -> handled"],
    ),
    "in a function that returns it": (
        "function page(q: any, n) { if (n) q = q.eq('c', n)\nreturn q.limit(5) }\n"
        "const { error } = await page(supabase.from('a').select('b'), 1).order('d')\nthrow error",
        ["supabase: select a 'b' .eq?('c', ?parameter) .limit(5) .order('d') -> handled"],
    ),
    "another name for it": (
        "const q = supabase.from('a').select('b')\nconst p = q.eq('c', 1)\nawait p.limit(1)",
        ["supabase: select a 'b' .eq('c', 1) .limit(1) -> ignored"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), LATER.values(), ids=LATER)
def test_requests_that_are_continued(text: str, expected: list[str]) -> None:
    assert requests(HEAD + "async function f(x) {\n" + text + "\n}") == expected


PAYLOADS = {
    "a variable above": ("const p = { a: 1, b: 'x' }", "p", "{a: 1, b: 'x'}"),
    "added to": ("const p: any = { a: 1 }\np.b = 2\np['c'] = 3", "p", "{a: 1, b: 2, c: 3}"),
    "added to in a condition": ("const p: any = { a: 1 }\nif (x) p.b = 2", "p", "{a: 1, b?: 2}"),
    "changed in a condition": ("const p = { a: 1 }\nif (x) p.a = 2", "p", "{a: (1 | 2)}"),
    "added to afterwards": ("const p: any = { a: 1 }\nfunction g() { }\n", "p", "{a: 1}"),
    "Object.assign": ("const p: any = {}\nObject.assign(p, { a: 1 }, x && { b: 2 })", "p", "{a: 1, b?: 2}"),
    "deleted": ("const p: any = { a: 1, b: 2 }\ndelete p.b", "p", "{a: 1}"),
    "a spread of what is known": ("const d = { a: 1, b: 2 }", "{ ...d, b: 3, c: 4 }", "{a: 1, b: 3, c: 4}"),
    "a spread of what is not known": ("", "{ a: 1, ...x }", "{a: 1, …spread}"),
    "a spread in a condition": ("", "{ a: 1, ...(x && { b: 2 }), ...(x ? { c: 3 } : {}) }", "{a: 1, b?: 2, c?: 3}"),
    "both arms of a spread": ("", "{ ...(x ? { a: 1 } : { a: 2, b: 3 }) }", "{a: (1 | 2), b?: 3}"),
    "undefined is not sent": ("", "{ a: undefined, b: x ? 1 : undefined, c: null }", "{b?: 1, c: None}"),
    "short fields and constant keys": (
        "const a = 1, K = 'k' as const",
        "{ a, [K]: 2, 'q r': 3, [`t`]: 4 }",
        "{a: 1, k: 2, q r: 3, t: 4}",
    ),
    "a key that is not known": ("", "{ a: 1, [x]: 2 }", "{a: 1, …expression}"),
    "rows of a list": ("const rows = x.map((r) => ({ a: r.a, b: 1 }))", "rows", "[{a: ?parameter, b: 1}, …]"),
    "rows that are pushed": (
        "const rows: any[] = []\nfor (const r of x) { rows.push({ a: r }) }",
        "rows",
        "[{a: ?parameter}, …]",
    ),
    "a function that makes it": ("function make(z) { return { a: z, b: 1 } }", "make(2)", "{a: ?parameter, b: 1}"),
    "reassigned over itself": ("let p: any = { a: 1 }\np = { ...p, b: 2 }", "p", "{a: 1, b: 2}"),
    "given to a function": ("const p = { a: 1 }\nenrich(p)", "p", "{a: 1, …mutated}"),
    "only logged": ("const p = { a: 1 }\nconsole.log(p); JSON.stringify(p)", "p", "{a: 1}"),
    "of a parameter": ("", "x", "?parameter"),
    "null or a value": (
        "",
        "{ a: x ?? null, b: x || 'd', c: x ? 'p' : 'q' }",
        "{a: (?parameter | None), b: (?parameter | 'd'), c: ('p' | 'q')}",
    ),
}


@pytest.mark.parametrize(("before", "given", "expected"), PAYLOADS.values(), ids=PAYLOADS)
def test_payloads(before: str, given: str, expected: str) -> None:
    text = f"async function f(x) {{\n{before}\nawait supabase.from('t').insert({given})\n}}"
    assert one(text) == f"supabase: insert t {expected} -> ignored"


CONSTANTS = {
    "as const": ("const T = 'users' as const", "T", "users"),
    "an object": ("const T = { USERS: 'users', ORDERS: 'orders' } as const", "T.USERS", "users"),
    "an enum": ("enum T { Users = 'users' }", "T.Users", "users"),
    "a list": ("const T = ['users', 'orders'] as const", "T[1]", "orders"),
    "a template": ("const P = 'app', T = `${P}_users`", "T", "app_users"),
    "a sum": ("const P = 'app'", "P + '_users'", "app_users"),
    "frozen": ("const T = Object.freeze({ a: 'users' })", "T.a", "users"),
    "a conditional": ("", "x ? 'a' : 'b'", "('a' | 'b')"),
    "a default": ("", "y", "(?parameter | 'users')"),
    "assigned in both arms": ("let t\nif (x) t = 'a'\nelse t = 'b'", "t", "('a' | 'b')"),
    "assigned again": ("let t = 'a'\nt = 'b'", "t", "b"),
    "any key of a known object": ("const T = { p: 'users', q: 'orders' }", "T[x]", "('users' | 'orders')"),
    "the type of a parameter": ("", "z", "('users' | 'orders')"),
    "a static field": ("class C { static T = 'users' }", "C.T", "users"),
    "not known": ("", "x", "?parameter"),
    "of the environment": ("", "process.env.T", "?expression"),
    "a part of it": ("", "`${x}_log`", "?(?parameter '_log')"),
}


@pytest.mark.parametrize(("before", "given", "expected"), CONSTANTS.values(), ids=CONSTANTS)
def test_constants(before: str, given: str, expected: str) -> None:
    text = (
        f"async function f(x: string, y = 'users', z: 'users' | 'orders') {{\n{before}\n"
        f"await supabase.from({given}).select('id')\n}}"
    )
    assert one(text) == f"supabase: select {expected} 'id' -> ignored"


def test_each_of_a_list_is_a_choice() -> None:
    assert (
        one("for (const t of ['a', 'b']) await supabase.from(t).delete()") == "supabase: delete ('a' | 'b') -> ignored"
    )
    assert one("const T = ['a', 'b']\nT.forEach(async (t) => { await supabase.from(t).delete() })") == (
        "supabase: delete ('a' | 'b') -> ignored"
    )


TOGETHER = {
    "a list of tables with their rows": (
        "for (const { t, row } of [{ t: 'a', row: { x: 1 } }, { t: 'b', row: { y: 2 } }])\n"
        "  await supabase.from(t).insert(row)",
        ["supabase: insert a {x: 1} -> ignored", "supabase: insert b {y: 2} -> ignored"],
    ),
    "entries": (
        "for (const [t, row] of Object.entries({ a: { x: 1 }, b: { y: 2 } })) await supabase.from(t).insert(row)",
        ["supabase: insert a {x: 1} -> ignored", "supabase: insert b {y: 2} -> ignored"],
    ),
    "one condition": (
        "const t = k ? 'a' : 'b'\nawait supabase.from(t).update(k ? { x: 1 } : { y: 2 }).eq(k ? 'p' : 'q', 1)",
        ["supabase: update a {x: 1} .eq('p', 1) -> ignored", "supabase: update b {y: 2} .eq('q', 1) -> ignored"],
    ),
    "the same for each": (
        "for (const t of ['a', 'b']) await supabase.from(t).delete().eq('id', 1)",
        ["supabase: delete ('a' | 'b') .eq('id', 1) -> ignored"],
    ),
    "a text to begin with": (
        "let c = ''\nif (k) c = 'a'\nelse if (l) c = 'b'\nawait supabase.from('t').update({ [c]: 1 })",
        ["supabase: update t {a?: 1, b?: 1} -> ignored"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), TOGETHER.values(), ids=TOGETHER)
def test_values_that_belong_together(text: str, expected: list[str]) -> None:
    assert requests(HEAD + text) == expected


LENGTHENED = {
    "a text": ("let s = 'a'\ns += ', b'", "'a, b'"),
    "in some runs": ("let s = 'a'\nif (k) s += ', b'", "('a' | 'a, b')"),
    "a choice": ("let s = 'a'\ns += k ? ', b' : ''", "('a, b' | 'a')"),
    "from nothing": ("let s = ''\ns += 'a'\ns += ', b'", "'a, b'"),
    "in a loop": ("let s = 'a'\nfor (const x of xs) s += x", "('a' | ?reassigned)"),
    "a number": ("let s = 1\ns += 1", "?reassigned"),
}


@pytest.mark.parametrize(("text", "expected"), LENGTHENED.values(), ids=LENGTHENED)
def test_texts_that_grow(text: str, expected: str) -> None:
    text = f"async function f(k, xs) {{\n{text}\nawait supabase.from('t').select(s)\n}}"
    assert one(text) == f"supabase: select t {expected} -> ignored"


def test_a_rest_has_what_is_not_taken_beside_it() -> None:
    text = "const { b, 'c': d, ...rest } = { a: 1, b: 2, c: 3 }\nawait supabase.from('t').insert(rest)"
    assert one(text) == "supabase: insert t {a: 1} -> ignored"
    text = "const { [k]: b, ...rest } = { a: 1, b: 2 }\nawait supabase.from('t').insert(rest)"
    assert one(text) == "supabase: insert t {a: 1, b: 2, …spread} -> ignored"
    text = "const f = async ({ id, ...rest }) => { await supabase.from('t').update(rest) }"
    assert one(text) == "supabase: update t ?parameter -> ignored"


NARROWED = {
    "not all": ("if (s !== 'all') await", "'pending'"),
    "not all, and more": ("if (x && s !== 'all') await", "'pending'"),
    "left before": ("if (s === 'all') return\nawait", "'pending'"),
    "only": ("if (s === 'all') await", "'all'"),
    "otherwise": ("if (s === 'all') { g() } else await", "'pending'"),
    "said by something else": ("if (KNOWN.includes(s)) await", "?expression"),
    "not said": ("if (x) await", "('all' | 'pending')"),
}


@pytest.mark.parametrize(("before", "expected"), NARROWED.values(), ids=NARROWED)
def test_values_that_a_condition_excludes(before: str, expected: str) -> None:
    text = f"async function f(x) {{ const s = x ? 'all' : 'pending'\n{before} supabase.from('t').delete().eq('s', s) }}"
    assert one(text) == f"supabase: delete t .eq('s', {expected}) -> ignored"


FILES = {
    "lib/tables.ts": "export const USERS = 'users'\nexport default { ORDERS: 'orders' }\n"
    "enum E { A = 'a' }\nexport { E as Names }",
    "lib/index.ts": "export * from './tables'\nexport * from './circle'\nexport * as all from './tables'",
    "lib/circle.ts": "export * from './index'",
    "lib/common.js": "const T = { A: 'old' }\nmodule.exports = { T, B: 'older' }",
    "tsconfig.json": '{\n  // paths\n  "extends": "./tsconfig.base.json",\n}',
    "tsconfig.base.json": '{ "compilerOptions": { "baseUrl": ".", "paths": { "@lib/*": ["lib/*"], }, }, }',
}
IMPORTS = {
    "a name": ("import { USERS } from '../lib/tables'", "USERS", "users"),
    "another name": ("import { USERS as U } from '../lib/tables.js'", "U", "users"),
    "the default": ("import T from '../lib/tables'", "T.ORDERS", "orders"),
    "all of them": ("import * as T from '../lib/tables'", "T.USERS", "users"),
    "through an index, past a circle": ("import { USERS } from '../lib'", "USERS", "users"),
    "a namespace that is exported": ("import { all } from '../lib'", "all.USERS", "users"),
    "by a path of the configuration": ("import { Names } from '@lib/tables'", "Names.A", "a"),
    "by the base": ("import { USERS } from 'lib/tables'", "USERS", "users"),
    "of CommonJS": ("import { T } from '../lib/common'", "T.A", "old"),
    "of a package": ("import { T } from 'package'", "T", "?import"),
    "that is not there": ("import { NOTHING } from '../lib'", "NOTHING", "?import"),
}


@pytest.mark.parametrize(("before", "given", "expected"), IMPORTS.values(), ids=IMPORTS)
def test_imports(before: str, given: str, expected: str) -> None:
    assert one(f"{before}\nawait supabase.from({given}).delete()", FILES) == f"supabase: delete {expected} -> ignored"


def test_the_configuration_stands_above_the_code(tmp_path: Path) -> None:
    (tmp_path / "src" / "db").mkdir(parents=True)
    (tmp_path / "tsconfig.json").write_text('{"compilerOptions": {"paths": {"#db/*": ["./src/db/*"]}}}')
    (tmp_path / "secret.ts").write_text("export const T = 'secret'")
    (tmp_path / "src" / "db" / "names.ts").write_text("export const USERS = 'users'")
    page = tmp_path / "src" / "page.ts"
    text = "import { USERS } from '#db/names'\nimport { T } from '../secret'\n"
    text += "await supabase.from(USERS).delete()\nawait supabase.from(T).delete()"
    found = read(page, "src/page.ts", text.encode(), ProjectFiles([tmp_path / "src"])).requests
    assert [request(one) for one in found] == [
        "supabase: delete users -> ignored",
        "supabase: delete ?import -> ignored",
    ]


CLIENTS = {
    "server": (
        "import { createServerClient } from '@supabase/ssr'\nconst db = createServerClient(U, process.env.ANON!, {})",
        "db",
        ("db", "process.env.ANON", "createServerClient"),
    ),
    "the key is a constant": (
        "import { createClient } from 'https://esm.sh/@supabase/supabase-js@2'\nconst K = Deno.env.get('SERVICE')\n"
        "const c = createClient(U, K!)",
        "c",
        ("c", "Deno.env.get('SERVICE')", "createClient"),
    ),
    "a wrapper in another file": (
        "import { createAdmin } from './clients'\nconst a = await createAdmin()",
        "a",
        ("a", "process.env.SERVICE", "createAdmin"),
    ),
    "what a wrapper returns": (
        "import { createAdmin } from './clients'",
        "(await createAdmin())",
        ("createAdmin", "process.env.SERVICE", "createAdmin"),
    ),
    "a client in another file": (
        "import { shared as s } from './clients'",
        "s",
        ("s", "process.env.ANON", "createClient"),
    ),
    "by name": ("import { supabaseAdmin } from '@acme/db'", "supabaseAdmin", ("supabaseAdmin", "", "")),
    "a hook": (
        "import { useSupabaseClient } from '@supabase/auth-helpers-react'\nconst c = useSupabaseClient()",
        "c",
        ("c", "", "useSupabaseClient"),
    ),
    "a hook of the application": ("const { supabase: client } = useAuth()", "client", ("client", "", "")),
    "required": (
        "const { createClient } = require('@supabase/supabase-js')\nconst c = createClient(U, process.env.K)",
        "c",
        ("c", "process.env.K", "createClient"),
    ),
    "memorised": (
        "import { createBrowserClient } from '@supabase/ssr'\nconst c = useMemo(() => createBrowserClient(U, K), [])",
        "c",
        ("c", "K", "createBrowserClient"),
    ),
    "in a state": (
        "import { createBrowserClient } from '@supabase/ssr'\nconst [c] = useState(() => createBrowserClient(U, K))",
        "c",
        ("c", "K", "createBrowserClient"),
    ),
    "assigned later": (
        "import { createClient } from '@supabase/supabase-js'\nlet c\nif (!c) c = createClient(U, K)",
        "c",
        ("c", "K", "createClient"),
    ),
    "of a context": ("", "ctx.locals.supabase", ("supabase", "", "")),
    "by its shape": ("", "db", ("db", "", "")),
}
CLIENT_FILES = {
    "app/clients.ts": "import { createClient } from '@supabase/supabase-js'\n"
    "export async function createAdmin() {\n  const store = await cookies()\n"
    "  return createClient(U, process.env.SERVICE!)\n}\n"
    "export const shared = createClient(U, process.env.ANON!)",
}


@pytest.mark.parametrize(("before", "client", "expected"), CLIENTS.values(), ids=CLIENTS)
def test_clients(before: str, client: str, expected: tuple[str, str, str]) -> None:
    found = read_text(f"{before}\nawait {client}.from('t').delete()", CLIENT_FILES).requests
    assert [(one.client.name, one.client.key, one.client.maker) for one in found] == [expected]


def test_a_key_in_the_code_is_not_told() -> None:
    claims = "eyJyb2xlIjoic2VydmljZV9yb2xlIn0"
    for key, expected in (
        (f"'head.{claims}.signature'", "a literal key of service_role"),
        ("'sb_publishable_abc'", "a literal key of anon"),
        ("'secret'", "a literal key"),
        (f"process.env.KEY || 'head.{claims}.signature'", "process.env.KEY || '…'"),
    ):
        text = (
            f"import {{ createClient }} from '@supabase/supabase-js'\nconst K = {key}\nconst c = createClient(U, K)\n"
        )
        assert read_text(text + "c.from('a').delete()").requests[0].client.key == expected


def test_clients_of_classes_and_parameters() -> None:
    text = """
class Store {
  #db: SupabaseClient
  constructor(private readonly client: SupabaseClient<Database>, other) { this.#db = other }
  async a() { await this.client.from('a').delete() }
  async b() { await this.#db.from('b').delete() }
  async c(db: TypedSupabaseClient) { await db.rpc('c') }
  async d() { await this.getSupabase().from('d').delete() }
  getSupabase() { return this.client }
}
"""
    assert requests(text) == [
        "client: delete a -> ignored",
        "db: delete b -> ignored",
        "db: rpc c -> ignored",
        "client: delete d -> ignored",
    ]


OTHERS = {
    "a bucket": "await supabase.storage.from('avatars').upload('a', f)",
    "a bucket that has a name": "const files = supabase.storage\nawait files.from('avatars').remove(['a'])",
    "a bucket in a variable": "const b = supabase.storage.from('avatars')\nb.select('x')",
    "lists and buffers": "Array.from('abc'); Buffer.from('abc').toString(); Object.from('x'); Uint8Array.from([1])",
    "knex": "const knex = require('knex')({})\nknex.from('users').select('id')",
    "knex of an import": "import make from 'knex'\nconst db = make({})\nawait db.from('users').select('id')",
    "another builder by what follows": "await db.from('users').select('id').where('id', 1).first()",
    "rxjs": "import { from } from 'rxjs'\nfrom('abc').pipe(x)\nObservable.from('abc')",
    "drizzle": "await db.select().from(users)",
    "Prisma": "await prisma.user.findMany({ where: { id: 1 } })",
    "an address": "await fetch('https://x.supabase.co/rest/v1/users?select=id')",
    "an animation": "gsap.from('.box', { x: 1 }); timeline.from('.box', { x: 1 })",
    "in a comment or a text": "// supabase.from('users').select()\nconst s = \"supabase.from('users').select()\"",
    "a function of another service": "client.rpc('eth_blockNumber', [])",
    "a parameter of another type": "async function f(db: Knex) { await db.from('users').select('id') }",
}


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_what_is_no_request(text: str) -> None:
    assert requests("const supabase = make()\n" + text) == []


def test_a_call_of_what_may_be_a_client_is_not_dropped() -> None:
    found = read_text("import { c } from 'supabase-wrapper'\nconst t = supabase.from('a')\nsave(t)\nc.rpc('f')")
    assert [(one.at.line, one.what) for one in found.unread] == [
        (2, "what is asked of the table"),
        (4, "whether c is a client"),
    ]


FATES = {
    "thrown": ("const { error } = await Q\nif (error) throw error", "handled"),
    "thrown with data": (
        "const { data, error } = await Q\nif (error || !data) { throw new Error(error?.message) }",
        "handled",
    ),
    "returned": ("const { data, error } = await Q\nreturn { data, error }", "handled"),
    "returned by another name": ("const { error: failed } = await Q\nif (failed) return { ok: false }", "handled"),
    "the result is returned": ("return await Q", "handled"),
    "the request is returned": ("return Q", "handled"),
    "collected": ("const { error } = await Q\nif (error) errors.push(error.message)", "handled"),
    "counted": ("const { error } = await Q\nif (error) { console.error(error); failed++ }", "handled"),
    "shown": ("const { error } = await Q\nif (error) { setError(error.message) }", "handled"),
    "answered": (
        "const { error } = await Q\nif (error) { console.error(error); return res.status(500).json({}) }",
        "handled",
    ),
    "passed on": ("const { error } = await Q\nhandleError(error)", "handled"),
    "of the result": ("const res = await Q\nif (res.error) throw res.error", "handled"),
    "taken out later": ("const res = await Q\nconst { error } = res\nif (error) throw error", "handled"),
    "the result is passed on": ("const res = await Q\ncheck(res)", "handled"),
    "only a success goes on": ("const { data, error } = await Q\nif (!error) show(data)", "handled"),
    "no data in the result is noticed": ("const r = await Q\nif (!r.data) throw new Error('none')", "handled"),
    "then, a function by its name": (
        "Q.then(done)\nfunction done({ error }) { if (error) setError(error) }",
        "handled",
    ),
    "then, one that only logs": ("Q.then(done)\nfunction done(r) { if (r.error) console.log(r.error) }", "logged"),
    "then, one that takes the data": ("Q.then(done)\nfunction done({ data }) { show(data) }", "ignored"),
    "then, one that is not known": ("Q.then(errors.done)", "handled"),
    "given to what waits for nothing": ("setTimeout(() => Q, 10)", "never sent"),
    "sent by what waits for nothing": ("setTimeout(async () => Q, 10)", "ignored"),
    "a helper of the file that only logs": (
        "const { error } = await Q\nif (error) fail(error)\nfunction fail(e) { console.error(e) }",
        "logged",
    ),
    "a helper of the file that throws": (
        "try { fail(await Q) } catch (e) { console.error(e) }\nfunction fail(r) { if (r.error) throw r.error }",
        "swallowed",
    ),
    "a helper that calls itself": (
        "const { error } = await Q\nif (error) fail(error)\nfunction fail(e) { console.error(e); fail(e.cause) }",
        "handled",
    ),
    "caught, and it is noted that it went well": (
        "let done = false\ntry { await Q.throwOnError(); done = true } catch (e) { console.log(e) }\nreturn done",
        "handled",
    ),
    "caught, and what is noted nobody reads": (
        "let done = false\ntry { await Q.throwOnError(); done = true } catch (e) { console.log(e) }\nreturn",
        "swallowed",
    ),
    "no data is noticed": ("const { data } = await Q\nif (!data) throw new Error('none')", "handled"),
    "then": ("Q.then(({ error }) => { if (error) setError(error) })", "handled"),
    "then, as a result": ("await Q.then((r) => { if (r.error) throw r.error; return r.data })", "handled"),
    "it throws by itself": ("await Q.throwOnError()", "handled"),
    "assigned to what is declared outside": (
        "let failure\n({ error: failure } = await Q)\nif (failure) throw failure",
        "handled",
    ),
    "by an operator": ("const { error } = await Q\nerror && setError(error)", "handled"),
    "one of several": ("const [a, b] = await Promise.all([Q, other])\nif (a.error) throw a.error", "handled"),
    "several, tested together": (
        "const all = await Promise.all([Q, other])\nif (all.some((r) => r.error)) throw new Error()",
        "handled",
    ),
    "tested in JSX": ("const { error } = await Q\nreturn error ? null : 1", "handled"),
    "not looked at": ("await Q", "ignored"),
    "only data": ("const { data } = await Q\nshow(data ?? [])", "ignored"),
    "only data of the result": ("const res = await Q\nshow(res.data)", "ignored"),
    "data at once": ("const rows = (await Q).data", "ignored"),
    "taken out, and never read": ("const { data, error } = await Q\nshow(data)", "ignored"),
    "another error is read": (
        "const { error } = await Q\n{ const { error } = await other\nif (error) throw error }",
        "ignored",
    ),
    "read before it is set anew": (
        "let error\n({ error } = await Q);\n({ error } = await other)\nif (error) throw error",
        "ignored",
    ),
    "an empty branch": ("const { error } = await Q\nif (error) { }", "ignored"),
    "several, only data": ("const [{ data: a }, { data: b }] = await Promise.all([Q, other])\nshow(a, b)", "ignored"),
    "several, none": ("await Promise.all(ids.map((id) => Q))", "ignored"),
    "several, with a catch that gets no error": ("await Promise.all([Q, other]).catch(console.error)", "ignored"),
    "several, pushed": ("const jobs = []\njobs.push(Q)\nawait Promise.all(jobs)", "ignored"),
    "then, only data": ("Q.then(({ data }) => setRows(data))", "ignored"),
    "then, nothing": ("Q.then(() => done())", "ignored"),
    "a try that catches nothing": ("try { await Q } catch (e) { return fail(e) }", "ignored"),
    "logged": ("const { error } = await Q\nif (error) console.error('x', error)", "logged"),
    "logged without a test": ("const { error } = await Q\nconsole.log(error)", "logged"),
    "logged as an object": ("const { error } = await Q\nif (error) { logger.warn({ error }, 'x') }", "logged"),
    "logged by an operator": ("const { error } = await Q\nerror && console.error(error.message)", "logged"),
    "logged, and on with the next": (
        "for (const x of y) { const { error } = await Q\nif (error) { console.error(error); continue } }",
        "logged",
    ),
    "skipped": ("for (const x of y) { const { error } = await Q\nif (error) continue }", "unknown"),
    "then, logged": ("Q.then(({ error }) => { if (error) console.error(error) })", "logged"),
    "swallowed": (
        "try { const { error } = await Q\nif (error) throw error } catch (e) { console.error(e) }",
        "swallowed",
    ),
    "swallowed by nothing": ("try { await Q.throwOnError() } catch { }", "swallowed"),
    "swallowed by a chain": ("Q.then(({ error }) => { if (error) throw error }).catch(console.error)", "swallowed"),
    "caught and answered": (
        "try { const { error } = await Q\nif (error) throw error } catch (e) { return fail(e) }",
        "handled",
    ),
    "caught and thrown on": (
        "try { const { error } = await Q\nif (error) throw error } catch (e) { console.error(e); throw e }",
        "handled",
    ),
    "thrown in the catch of another": (
        "try { g() } catch (e) { const { error } = await Q\nif (error) throw error }",
        "handled",
    ),
    "never awaited": ("Q", "never sent"),
    "never awaited, void": ("void Q", "never sent"),
    "never awaited, with a name": ("const q = Q\nq.limit(1)", "never sent"),
    "never awaited, taken apart": ("const { error } = Q\nif (error) throw error", "never sent"),
    "undone where the failure is answered": (
        "const { error } = await other\nif (error) { await Q\nreturn fail(error) }",
        "handled",
    ),
    "undone where nothing was made": (
        "if (rows.length === 0) { await Q\nreturn res.status(500).json({ message: 'none' }) }",
        "handled",
    ),
    "not undone": ("const { error } = await other\nif (error) { await Q }\nreturn 1", "ignored"),
    "given to someone": ("run(Q)", "unknown"),
}


@pytest.mark.parametrize(("text", "expected"), FATES.values(), ids=FATES)
def test_fates(text: str, expected: str) -> None:
    text = text.replace("Q", "supabase.from('t').update({ a: 1 }).eq('id', 1)")
    found = read_text(f"export async function f(errors, ids, y) {{\n{text}\n}}").requests
    assert [one.fate.value for one in found] == [expected], request(found[0])


def test_a_place_is_the_word_itself() -> None:
    found = read_text("const é = 'ü'; await supabase.from('users')\n  .select('id').eq('naïve', 1)").requests[0]
    assert found.target.at[1:] == (1, 37, 1, 42)
    assert found.at[1:3] == (1, 22)
    assert found.modifiers[0].arguments[0].at[1:] == (2, 21, 2, 26)


def test_a_value_of_another_file_stands_there() -> None:
    found = read_text("import { USERS } from '../lib/tables'\nawait supabase.from(USERS).delete()", FILES).requests[0]
    assert found.target.at == ("lib/tables.ts", 1, 23, 1, 28)


LISTENS = {
    "a table": (
        "supabase.channel('c').on('postgres_changes', { event: '*', schema: 'public', table: 'a', "
        "filter: 'b=eq.1' }, f)",
        ["supabase: listen 'public'.a with {event: '*', schema: 'public', table: 'a', filter: 'b=eq.1'}"],
    ),
    "several": (
        "const ch = supabase.channel('c')\n"
        "ch.on('postgres_changes', { event: 'INSERT', schema: 'public', table: 'a' }, f)"
        ".on('postgres_changes', { event: 'UPDATE', schema: 'public', table: 'b' }, f).subscribe()",
        [
            "ch: listen 'public'.a with {event: 'INSERT', schema: 'public', table: 'a'}",
            "ch: listen 'public'.b with {event: 'UPDATE', schema: 'public', table: 'b'}",
        ],
    ),
    "all tables": ("supabase.channel('c').on('postgres_changes', { event: '*', schema: 'public' }, f)", []),
    "something else": ("supabase.channel('c').on('broadcast', { event: 'x', table: 'a' }, f)", []),
}


@pytest.mark.parametrize(("text", "expected"), LISTENS.values(), ids=LISTENS)
def test_listening(text: str, expected: list[str]) -> None:
    assert requests(HEAD + text) == expected


STATEMENTS = {
    "a tag": (
        "const r = await sql`select a from t where b = ${x} and c = ${y.z}`",
        ["select a from t where b = $1 and c = $2"],
    ),
    "a part": (
        "const w = sql`where b = ${x}`\nawait sql`select a from t ${w} limit ${n}`",
        ["select a from t where b = $1 limit $2"],
    ),
    "Prisma": ("await prisma.$queryRaw<User[]>`select * from t where id = ${id}`", ["select * from t where id = $1"]),
    "a query": ("await pool.query('select a from t where b = $1', [x])", ["select a from t where b = $1"]),
    "a query of an object": (
        "await pool.query({ text: 'delete from t where b = $1', values: [x] })",
        ["delete from t where b = $1"],
    ),
    "a text above": ("const Q = `update t set a = 1`\nawait client.query(Q)", ["update t set a = 1"]),
    "raw": (
        "await knex.raw('select a from t where b = ? and c = \\'?\\'', [x])",
        ["select a from t where b = $1 and c = '?'"],
    ),
    "no statement": (
        "await client.query('users'); graphql.query(`query { a }`); document.querySelector('select a')",
        [],
    ),
    "another database": ("import mysql from 'mysql2'\nawait db.query('select a from t')", []),
}


# What begins as no statement does is one where a driver of PostgreSQL certainly runs it.
CONNECTIONS: dict[str, tuple[str, bool]] = {
    "a pool": ("import { Pool } from 'pg'\nconst p = new Pool()\nawait p.query(Q)", True),
    "a client of it": (
        "import * as pg from 'pg'\nconst p = new pg.Pool()\nconst c = await p.connect()\nawait c.query(Q)",
        True,
    ),
    "a class that is taken out": ("import pg from 'pg'\nconst { Client } = pg\nawait new Client().query(Q)", True),
    "required": ("const { Pool: P } = require('pg')\nconst p = new P()\nexports.f = () => p.query(Q)", True),
    "a type": ("import type { PoolClient } from 'pg'\nconst f = (c: PoolClient) => c.query({ text: Q })", True),
    "a type of several": (
        "import pg, { Pool } from 'pg'\nconst f = (c: Pool | pg.PoolClient | null) => c.query(Q)",
        True,
    ),
    "a type over it": ("import { Pool } from 'pg'\nconst f = (r: Runner<Pool>) => r.query(Q)", False),
    "a type or another": ("import { Pool } from 'pg'\nconst f = (r: Pool | Runner) => r.query(Q)", False),
    "of another file": ("import { pool } from './db'\nawait pool.query(Q)", True),
    "a name alone": ("import { Pool } from 'pg'\nawait pool.query(Q)", False),
    "another class": ("import { Client } from 'robots'\nawait new Client().query(Q)", False),
    "another method": ("import { Pool } from 'pg'\nconst p = new Pool()\np.on(Q)", False),
}


@pytest.mark.parametrize(("text", "runs"), CONNECTIONS.values(), ids=CONNECTIONS)
def test_what_certainly_runs_sql(text: str, runs: bool) -> None:
    files = {"app/db.ts": "import { Pool } from 'pg'\nexport const pool = new Pool()"}
    each = read_text(text.replace("Q", "'selct 1'"), files)
    assert [one.text for one in each.statements] == (["selct 1"] if runs else [])
    assert each.unread == ()
    assert read_text(text.replace("Q", "'begin'"), files).statements == ()


@pytest.mark.parametrize(("text", "expected"), STATEMENTS.values(), ids=STATEMENTS)
def test_statements(text: str, expected: list[str]) -> None:
    assert [one.text for one in read_text(text).statements] == expected


def test_a_parameter_is_what_its_type_allows() -> None:
    """In a name that is composed, in a statement, and of the arguments of a function, whose names are known."""
    head = "import { Pool } from 'pg'\nconst pool = new Pool()\n" + HEAD
    text = (
        "export async function f(kind: 'live' | 'old', given: Given, other: Record<string, string>) {\n"
        "await supabase.from(`${kind}_sessions`).select('id')\n"
        "await supabase.rpc('f', given)\nawait supabase.rpc('f', other)\n"
        "await pool.query(`select * from ${kind} where id = $1`, [1])\n}"
    )
    files = {"app/types.ts": "export interface Given { id: string; note?: string; more: string | undefined }"}
    found = read_text("import type { Given } from './types'\n" + head + text, files)
    assert [request(one) for one in found.requests] == [
        "supabase: select ('live_sessions' | 'old_sessions') 'id' -> ignored",
        "supabase: rpc f {id: ?parameter, note?: ?parameter, more?: ?parameter, …parameter} -> ignored",
        "supabase: rpc f ?parameter -> ignored",
    ]
    assert [one.text for one in found.statements] == [
        "select * from live where id = $1",
        "select * from old where id = $1",
    ]


def test_a_method_that_is_passed_on_is_not_passed_over() -> None:
    found = read_text(HEAD + "const table = supabase.from.bind(supabase)\nawait table('a').delete()")
    assert [(one.what, one.at.line) for one in found.unread] == [("who calls supabase.from", 3)]
    assert not read_text(HEAD + "const list = Array.from.call(Array, items)").unread


def test_a_statement_that_is_composed_is_not_read() -> None:
    found = read_text("await pool.query(`select a from ${table}`)\nawait sql`insert into t ${sql(rows)}`")
    assert [one.at.line for one in found.unread] == [1, 2]
    assert found.statements == ()


DIALECTS = {
    "getDatabaseType() === 'postgresql'": "select a",
    "db.dialect !== 'sqlite'": "select a",
    '(driver == "pg")': "select a",
    "isPostgres": "select a",
    "!this.isSqlite()": "select a",
    "dialect === 'mysql'": "select b",
    "isMySQL": "select b",
    "!isPostgreSQL": "select b",
}


@pytest.mark.parametrize(("condition", "text"), DIALECTS.items())
def test_the_text_for_another_database_is_not_meant(condition: str, text: str) -> None:
    each = read_text(f"const q = {condition} ? 'select a' : 'select b'\nawait pool.query(q)")
    assert [one.text for one in each.statements] == [text]


def test_a_file_that_imports_another_driver_is_left_out() -> None:
    assert read_text("import mysql from 'mysql2/promise'\nawait pool.query('select a')").statements == ()
    assert read_text("const k = { of: 'mysql' }\nawait pool.query('select a')").statements != ()


@pytest.mark.parametrize("condition", ["kind === 'postgres' || x", "isPosted", "history === 'd10'", "a.pg"])
def test_other_conditions_leave_both(condition: str) -> None:
    each = read_text(f"const q = {condition} ? 'select a' : 'select b'\nawait pool.query(q)")
    assert len(each.statements) == 2


TAGS = {
    "of a transaction": "sql.begin(async tx => { await tx`select a from t` })",
    "of a savepoint": "sql.begin(t => t.savepoint(s => s`select a from t`))",
    "of a reserved connection": "const one = await sql.reserve()\nawait one`select a from t`",
    "of one that was made": "const q = postgres(url)\nq.begin(async tx => tx`select a from t`)",
}


@pytest.mark.parametrize("text", TAGS.values(), ids=TAGS)
def test_tags_that_others_lend(text: str) -> None:
    assert [one.text for one in read_text(text).statements] == ["select a from t"]


def test_a_tag_that_is_not_known_is_told_of_if_it_has_sql() -> None:
    text = "await run`select a from t where b = ${x}`\nt`Select a plan from below`\nt`Update now`\ngql`query { a }`"
    found = read_text(text)
    assert (found.statements, [(one.at.line, one.what) for one in found.unread]) == (
        (),
        [(1, "whether the tag run sends it as SQL"), (2, "whether the tag t sends it as SQL")],
    )


def test_the_failure_of_a_statement_is_thrown() -> None:
    text = "async function f() {\nawait sql`delete from a`\n"
    text += "try { await sql`delete from b` } catch (e) { console.log(e) }\n}"
    assert [one.fate.value for one in read_text(text).statements] == ["handled", "swallowed"]


def test_suppressions() -> None:
    text = """
// sessionaudit: ignore[ignored-error] the log is best effort
await supabase.from('a').delete() // sessionaudit: ignore[SC101, SC102]: known
/* sessionaudit: ignore */
const s = "// sessionaudit: ignore[x] no comment"
"""
    assert [(one.at.line, one.rules, one.reason) for one in read_text(text).suppressions] == [
        (2, ("ignored-error",), "the log is best effort"),
        (3, ("SC101", "SC102"), "known"),
        (4, (), ""),
    ]


def test_suppressions_in_documentation_and_jsx() -> None:
    text = """
/**
 * Deletes all.
 * sessionaudit: ignore[ignored-error] the mail
 * is sent again
 * sessionaudit: ignore[never-sent] later
 * @returns nothing
 */
const a = <p>
  {/* sessionaudit: ignore[ignored-error] of the next line */}
  <b /> {/* sessionaudit: ignore[] of its own */}
  // sessionaudit: ignore[ignored-error] is text
</p>
"""
    assert [(one.at.line, one.rules, one.reason, one.alone) for one in read_text(text, name="p.tsx").suppressions] == [
        (2, ("ignored-error",), "the mail is sent again", True),
        (2, ("never-sent",), "later", True),
        (10, ("ignored-error",), "of the next line", True),
        (11, ("",), "of its own", False),
    ]


def test_a_statement_that_may_grow_is_not_passed_over() -> None:
    found = read_text("let q = 'select a from t'\nfor (const x of xs) q += x\nawait pool.query(q)")
    assert [one.text for one in found.statements] == ["select a from t"]
    assert [one.what for one in found.unread] == ["a statement of SQL"]


def test_a_file_with_what_the_grammar_does_not_know_is_read() -> None:
    text = "const a = <T,>(x: T) => x\nconst @@ broken = \nawait supabase.from('users').select('id')\n"
    assert requests(text) == ["supabase: select users 'id' -> ignored"]


def test_a_file_that_nests_too_deeply_is_not_passed_over() -> None:
    found = read_text("await supabase.from('a').delete().eq('b', " + "c.d(" * 3000 + ")" * 3000 + ")")
    assert len(found.requests) + len(found.unread) == 1


def test_javascript_and_jsx() -> None:
    text = "export default function P() { const go = async () => { await supabase.from('a').insert({ b: 1 }) }\n"
    text += "return <button onClick={() => go()}>{rows.map(r => <i key={r.id}/>)}</button> }"
    assert (
        requests(text, name="app/p.jsx") == requests(text, name="app/p.tsx") == ["supabase: insert a {b: 1} -> ignored"]
    )


def test_components() -> None:
    text = (
        "<script setup lang=\"ts\">\nconst c = useSupabaseClient<DB>()\nconst { error } = await c.from('a').delete()\n"
    )
    text += "</script>\n<template><p>é {{ supabase.from('b').select() }}</p></template>\n"
    text += "<script>\nexport const go = () => supabase.rpc('f')\n</script>"
    for name in ("app/page.vue", "app/page.svelte"):
        found = read_text(text, name=name)
        assert [(one.at.line, one.at.column, request(one)) for one in found.requests] == [
            (3, 25, "c: delete a -> ignored"),
            (7, 25, "supabase: rpc f -> handled"),
        ]
        assert [(one.at[1:3], one.why) for one in found.unread] == [((5, 27), Dynamic.MARKUP)]


def test_a_value_that_says_itself() -> None:
    assert value(None) == ""


def test_what_is_known_of_a_file_is_not_taken_for_another_one(tmp_path: Path) -> None:
    """Nodes of a file that is forgotten have numbers that those of a later one may have again."""
    keys = ("SUPABASE_ANON_KEY", "SUPABASE_SERVICE_ROLE_KEY")
    for number in range(40):
        file = tmp_path / f"{number}.ts"
        made = f"const supabase = createClient(url, process.env.{keys[number % 2]}!)\n"
        made = f"import {{ createClient }} from '@supabase/supabase-js'\n{made}"
        file.write_text(f"{made}export const rows = supabase.from('t{number}').select('a')\n", encoding="utf-8")
    read = read_code(source_tree((tmp_path,), suffixes(), (), tests=False), (tmp_path,), processes=1)
    found = {one.path.rpartition("/")[2]: one.requests[0].client.key for one in read.files}
    assert found == {f"{number}.ts": f"process.env.{keys[number % 2]}" for number in range(40)}
