"""How long it takes to judge the code of an application: `python -m benchmarks.scan`.

Whole processes are measured, over generated trees of which a third of the files have calls, against `tsc --noEmit` over
the same tree: what a team already waits for. TypeScript comes from the npm registry.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

from benchmarks import aims
from benchmarks.aims import Aim, Line
from benchmarks.measure import Contestant, Outcome, WrongError, race, ratio
from benchmarks.server import Host, running_host

TOP = Path(__file__).parents[1]
SIZES = (100, 1000, 5000)
FASTER = Aim(3, least=True)  # than tsc
SECONDS = Aim(2.5)  # of 1,000 files
MEMORY = Aim(200)  # MiB, of each of the processes
_CACHE = TOP / ".cache" / "typescript"
_TABLES = 20
_CALLS = """\
export async function load{n}(id: string, status: 'open' | 'done') {{
  const {{ data, error }} = await supabase
    .from('t{t}')
    .select('id, note, made_at, status')
    .eq('owner_id', id)
    .in('status', ['open', 'done'])
    .order('made_at', {{ ascending: false }})
    .limit(20)
  if (error) throw new Error(error.message)
  return data
}}

export async function save{n}(id: string, note: string) {{
  const row: Record<string, unknown> = {{ owner_id: id, note, status: 'open' }}
  if (note.length > 100) row.note = note.slice(0, 100)
  const {{ error }} = await supabase.from('t{t}').insert(row)
  if (error) throw new Error(error.message)
}}

export async function finish{n}(id: string) {{
  const {{ error }} = await supabase.from('t{t}').update({{ status: 'done' }}).eq('id', id)
  if (error) throw new Error(error.message)
}}
"""
_PLAIN = """\
export interface Item{n} {{ id: string; title: string; tags: string[]; price: number }}

export function cheapest{n}(items: Item{n}[], most: number): Item{n} | undefined {{
  const fitting = items.filter((item) => item.price <= most && item.tags.length > 0)
  return [...fitting].sort((a, b) => a.price - b.price)[0]
}}

export const titles{n} = (items: Item{n}[]) => items.map((item) => item.title.trim()).filter(Boolean).join(', ')
"""
_STUB = "declare module '@supabase/supabase-js' { export function createClient(url: string, key: string): any }\n"
_CLIENT = "import { createClient } from '@supabase/supabase-js'\nexport const supabase = createClient('u', 'k')\n"
_SETTINGS = {
    "compilerOptions": {
        "strict": True,
        "noEmit": True,
        "skipLibCheck": True,
        "module": "esnext",
        "moduleResolution": "bundler",
        "target": "es2022",
        "types": [],
    },
    "include": ["src", "stub.d.ts"],
}


def main() -> int:
    """Measure, and print the result; 1 when something measured did not do its work."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scan", description="Measure how fast code is judged.")
    parser.add_argument("--files", type=int, nargs="*", default=SIZES, metavar="N", help="sizes of the trees")
    parser.add_argument("--repeats", type=int, default=5, metavar="N", help="measured runs of each program")
    asked = parser.parse_args()
    compiler = _compiler()
    with tempfile.TemporaryDirectory(prefix="sessionaudit-bench-") as folder, running_host() as host:
        try:
            _make_tables(host)
            lines = [
                line
                for number in asked.files
                for line in measured(host, Path(folder) / str(number), number, asked.repeats, compiler)
            ]
        except WrongError as error:
            sys.stderr.write(f"error: {error}\n")
            return 1
    sys.stdout.write(aims.markdown(lines, "files"))
    return 0


def measured(host: Host, folder: Path, number: int, repeats: int, compiler: Path) -> list[Line]:
    """Measure both in turns over a tree of so many files. Raises WrongError."""
    calls = make_tree(folder, number)

    def judged(outcome: Outcome) -> bool:
        report = json.loads(outcome.out)
        return (outcome.code, report["checked"]["calls"], report["findings"]) == (0, calls, [])

    command = [sys.executable, "-m", "sessionaudit", "scan", str(folder / "src"), "--format", "json"]
    ours = Contestant("scan", command, host.environment("postgres"), judged)
    theirs = Contestant(
        "tsc --noEmit", [str(compiler), "-p", str(folder)], dict(os.environ), lambda outcome: not outcome.code
    )
    race([ours, theirs], repeats, folder)
    times, shown = ratio(theirs, ours), f"{number:,}"
    took = f"{ours.seconds:.2f} s"
    lines = [
        Line(
            tables=shown,
            what=ours.name,
            value=took,
            against=theirs.name,
            other=f"{theirs.seconds:.2f} s",
            factor=f"{times:.1f} times as fast",
            measured=times,
            aim=FASTER,
        ),
        Line(tables=shown, what="its peak", value="", factor=f"{ours.peak:.0f} MiB", measured=ours.peak, aim=MEMORY),
    ]
    if number == 1000:
        lines.append(Line(tables=shown, what=ours.name, value=took, factor=took, measured=ours.seconds, aim=SECONDS))
    return lines


def make_tree(folder: Path, number: int) -> int:
    """Write a tree of so many files, of which a third have calls, and return the number of calls."""
    source = folder / "src"
    source.mkdir(parents=True)
    (folder / "tsconfig.json").write_text(json.dumps(_SETTINGS), encoding="utf-8")
    (folder / "stub.d.ts").write_text(_STUB, encoding="utf-8")
    (source / "client.ts").write_text(_CLIENT, encoding="utf-8")
    calls = 0
    for one in range(number - 1):
        place = source / f"part{one % 40}"
        place.mkdir(exist_ok=True)
        text = "".join(_PLAIN.format(n=f"{one}_{at}") for at in range(6))
        if one % 3 == 0:
            text = "import { supabase } from '../client'\n\n" + text
            text += "".join(_CALLS.format(n=f"{one}_{at}", t=(one + at) % _TABLES) for at in range(2))
            calls += 6
        (place / f"file{one}.ts").write_text(text, encoding="utf-8")
    return calls


def tables() -> list[str]:
    """Return the statements that make what the trees name."""
    columns = (
        "id uuid primary key default gen_random_uuid(), owner_id uuid not null, note text, status state not null, "
        "made_at timestamptz not null default now()"
    )
    made = [f"create table t{one} ({columns})" for one in range(_TABLES)]
    return ["create type state as enum ('open', 'done')", *made]


def _make_tables(host: Host) -> None:
    with psycopg.connect(host.url("postgres"), autocommit=True) as connection:
        for statement in tables():
            connection.execute(statement.encode())


def _compiler() -> Path:
    """TypeScript's compiler, from the cache or from npm."""
    found = _CACHE / "node_modules" / ".bin" / "tsc"
    if not found.exists():
        _CACHE.mkdir(parents=True, exist_ok=True)
        call = ["npm", "install", "--prefix", str(_CACHE), "--no-save", "--no-audit", "--no-fund", "typescript@5"]
        subprocess.run(call, check=True, capture_output=True, timeout=240)
    return found


if __name__ == "__main__":
    sys.exit(main())
