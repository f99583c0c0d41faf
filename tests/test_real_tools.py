"""The real migration tools make the ledgers that `ledgers/TOOL/ledger.sql` writes down; npm and pip give them once.

Flyway, goose, golang-migrate, Diesel, sql-migrate and Rails come from elsewhere: theirs are not made here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import venv
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg
import pytest
from msgspec.structs import replace

from consumers import CACHE, installed, npm_installed, once
from sessionaudit.audits.migrations.model import LedgerContent
from sessionaudit.postgres.connection import connect
from test_ledgers import TOOLS, content_of, folder_of, ledger_sql, made

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import MakeDatabase

pytestmark = pytest.mark.slow
TOOLS_CACHE = CACHE / "migration-tools"
NODE = (
    *("supabase@3.1.0", "dbmate@2.36.0", "node-pg-migrate@9.0.0", "drizzle-orm@0.45.4", "pg@8"),
    *("@prisma/schema-engine-wasm@8.1.0-2.59be4fda12412a79eeb9c2ae727b6aa723593323", "@prisma/adapter-pg@7.10.1"),
)
PYTHON = ("alembic==1.20.1", "django==5.2.19", "psycopg[binary]>=3.2")
DRIZZLE = """\
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
const db = drizzle(process.env.DATABASE_URL);
await migrate(db, { migrationsFolder: process.env.FOLDER });
await db.$client.end();
"""
PRISMA = """\
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
const base = process.env.FOLDER;
const module = '@prisma/schema-engine-wasm/schema_engine_bg';
const bindings = await import(module);
const folder = path.dirname(createRequire(import.meta.url).resolve(module));
const code = fs.readFileSync(path.join(folder, 'schema_engine_bg.wasm'));
const { instance } = await WebAssembly.instantiate(code, { './schema_engine_bg.js': bindings });
bindings.__wbg_set_wasm(instance.exports);
instance.exports.__wbindgen_start();
const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString: process.env.DATABASE_URL }));
const schema = [['schema.prisma', 'datasource db {\\n  provider = "postgresql"\\n}\\n']];
const engine = await bindings.SchemaEngine.new({ datamodels: schema }, () => {}, adapter);
const text = (name) => fs.readFileSync(path.join(base, name), 'utf8');
const names = fs.readdirSync(base).filter((name) => fs.statSync(path.join(base, name)).isDirectory());
const migrationDirectories = names.map((name) => ({
  path: name,
  migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: text(`${name}/migration.sql`) } },
}));
const lockfile = { path: './migration_lock.toml', content: text('migration_lock.toml') };
const migrationsList = { baseDir: base, lockfile, shadowDbInitScript: '', migrationDirectories };
try {
  await engine.applyMigrations({ migrationsList, filters: { externalTables: [], externalEnums: [] } });
} catch (error) {
  if (!String(error).includes('relation "a" already exists')) throw error;
}
process.exit(0);
"""
DJANGO = """\
DATABASES = {{"default": {{"ENGINE": "django.db.backends.postgresql", "NAME": {0!r}, "USER": {1!r}, "PASSWORD": {2!r},
                         "HOST": {3!r}, "PORT": {4!r}}}}}
INSTALLED_APPS = ["django.contrib.contenttypes", "shop", "billing"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SECRET_KEY = "none"
"""
ALEMBIC = """\
import sys
from alembic import command
from alembic.config import Config
config = Config()
config.set_main_option("script_location", sys.argv[1])
config.set_main_option("sqlalchemy.url", sys.argv[2])
for head in sys.argv[3:]:
    command.upgrade(config, head)
"""


def run(*words: str | Path, cwd: Path, **variables: str) -> None:
    """Run a tool, which asks nobody, reports nothing, and has a home of its own."""
    quiet = {"DO_NOT_TRACK": "1", "SUPABASE_TELEMETRY_DISABLED": "1", "NO_COLOR": "1", "CHECKPOINT_DISABLE": "1"}
    done = subprocess.run(
        words,
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "HOME": str(cwd), **quiet, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"


@pytest.fixture(scope="module")
def node() -> Path:
    """Where npm's packages are."""
    return npm_installed(TOOLS_CACHE / "node", *NODE)


@pytest.fixture(scope="module")
def python() -> Path:
    """A Python that has pip's packages."""
    place = TOOLS_CACHE / "python"
    found = place / "bin" / "python"
    with once(place, PYTHON) as is_first:
        if is_first:
            venv.create(place, with_pip=True)
            installed(found, "-m", "pip", "install", "-q", *PYTHON)
    return found


@pytest.fixture
def url(make_database: MakeDatabase) -> str:
    """A database, whose role has a password that dbmate takes: it wants more rounds than the test server makes."""
    made_url = make_database()
    with psycopg.connect(made_url, autocommit=True) as connection:
        if connection.info.server_version >= 160000:
            connection.execute("set scram_iterations = 4096")
        known = connection.execute("select 1 from pg_roles where rolname = 'migrator'").fetchone()
        verb = "alter" if known else "create"
        connection.execute(f"{verb} role migrator login superuser password 'migrator'".encode())
    parts = urlsplit(made_url)
    return f"postgresql://migrator:migrator@{parts.hostname}:{parts.port}{parts.path}"


def same(tool: str, url: str, make_database: MakeDatabase) -> None:
    """What the tool made is what is written down: the columns, and what is read of the rows."""
    written = made(make_database, ledger_sql(tool))
    folder = folder_of(tool)
    real, fixture = content_of(url, folder), content_of(written, folder)
    assert isinstance(real, LedgerContent)
    assert isinstance(fixture, LedgerContent)
    assert columns(url, real.table) == columns(written, fixture.table)
    assert real.table == fixture.table
    timeless = [replace(one, applied_at="") for one in real.recorded]
    assert timeless == [replace(one, applied_at="") for one in fixture.recorded]


def columns(url: str, table: tuple[str, str]) -> list[tuple[str, ...]]:
    with closing(connect(url)) as connection:
        rows = connection.execute(
            "select attname::text, format_type(atttypid, atttypmod), attnotnull::text from pg_attribute"
            " where attrelid = format('%%I.%%I', %s::text, %s::text)::regclass and attnum > 0 order by attname",
            table,
        ).fetchall()
    return [tuple(row) for row in rows]


def folder(tool: str) -> Path:
    return TOOLS / tool / "migrations"


def test_supabase(node: Path, url: str, make_database: MakeDatabase, tmp_path: Path) -> None:
    shutil.copytree(folder("supabase"), tmp_path / "supabase" / "migrations")
    words = ("db", "push", "--yes", "--agent", "no", "--remote", f"{url}?sslmode=disable")
    run(node / ".bin" / "supabase", *words, cwd=tmp_path)
    same("supabase", url, make_database)


def test_dbmate(node: Path, url: str, make_database: MakeDatabase, tmp_path: Path) -> None:
    words = ("--url", f"{url}?sslmode=disable", "--no-dump-schema", "-d", folder("dbmate"), "up")
    run(node / ".bin" / "dbmate", *words, cwd=tmp_path)
    same("dbmate", url, make_database)


def test_node_pg_migrate(node: Path, url: str, make_database: MakeDatabase, tmp_path: Path) -> None:
    words = ("up", "-m", folder("node-pg-migrate"))
    run(node / ".bin" / "node-pg-migrate", *words, cwd=tmp_path, DATABASE_URL=url)
    same("node-pg-migrate", url, make_database)


@pytest.mark.parametrize(("tool", "program"), [("drizzle", DRIZZLE), ("prisma", PRISMA)])
def test_of_a_program(
    tool: str, program: str, node: Path, url: str, make_database: MakeDatabase, tmp_path: Path
) -> None:
    (tmp_path / "node_modules").symlink_to(node)
    (tmp_path / "apply.mjs").write_text(program, encoding="utf-8")
    run("node", "apply.mjs", cwd=tmp_path, DATABASE_URL=url, FOLDER=str(folder(tool)))
    same(tool, url, make_database)


def test_alembic(python: Path, url: str, make_database: MakeDatabase, tmp_path: Path) -> None:
    shutil.copytree(folder("alembic"), tmp_path / "migrations")
    (tmp_path / "apply.py").write_text(ALEMBIC, encoding="utf-8")
    at = url.replace("postgresql:", "postgresql+psycopg:")
    run(python, "apply.py", "migrations", at, "bbbbbbbbbbbb", "000000000000", cwd=tmp_path)
    same("alembic", url, make_database)


def test_django(python: Path, url: str, make_database: MakeDatabase, tmp_path: Path) -> None:
    for app in ("shop", "billing"):
        shutil.copytree(folder("django") / app, tmp_path / app)
        (tmp_path / app / "__init__.py").touch()
    parts = urlsplit(url)
    settings = DJANGO.format(parts.path[1:], parts.username, parts.password, parts.hostname, str(parts.port))
    (tmp_path / "settings.py").write_text(settings, encoding="utf-8")
    run(python, "-m", "django", "migrate", "-v0", cwd=tmp_path, DJANGO_SETTINGS_MODULE="settings", PYTHONPATH=".")
    same("django", url, make_database)
