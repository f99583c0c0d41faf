"""The extensions that hosting platforms have, for a private server.

No package of PostgreSQL brings all of them, and nearly every folder of migrations creates one. What the server lacks
gets a stand-in, which has the same functions by name and type: a file that calls `uuid_generate_v4()` in a default can
be run with a function of that name, and what it returns matters little where no row is kept. A stand-in never sends a
request and protects nothing. What the server has and only a superuser may create, though it reaches nothing outside,
is copied and marked as trusted.

PostgreSQL looks for them where `extension_control_path` says, which it has since 18.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg import sql

if TYPE_CHECKING:
    import psycopg

STAND_INS = Path(__file__).with_name("stand_ins")  # a control file and a script for each
# Their scripts run as a superuser, in a schema that a file may have filled, and their C takes what a file gives:
# only what migrations do ask for, and none of which PostgreSQL says that it is unsafe there, as earthdistance.
_HARMLESS = frozenset({"moddatetime", "pg_stat_statements", "vector"})
_PATH_SINCE = 180000
_AVAILABLE = "select name from pg_catalog.pg_available_extensions"
_SHARED = "select setting from pg_catalog.pg_config() where name = 'SHAREDIR'"


def lend_extensions(watcher: psycopg.Connection[tuple[Any, ...]], owner: str, directory: Path) -> None:
    """Let the role `owner` create them; their files come into `directory`, which the server's account can read.

    Before PostgreSQL 18, a server has those that it has.
    """
    if watcher.info.server_version < _PATH_SINCE:
        return
    there = {name for (name,) in watcher.execute(_AVAILABLE)}
    row = watcher.execute(_SHARED).fetchone()
    own = Path(row[0] if row else "") / "extension"
    root = directory / "extensions"
    folder = root / "extension"
    folder.mkdir(parents=True)
    for name in (control.stem for control in STAND_INS.glob("*.control")):
        if name not in there:
            _copy(STAND_INS, name, folder)
    for name in there.intersection(_HARMLESS):
        _copy(own, name, folder, more="trusted = true\n")
    for made in (root, folder):
        made.chmod(0o755)
    path = sql.Literal(f"{root}:$system")
    watcher.execute(sql.SQL("alter role {} set extension_control_path = {}").format(sql.Identifier(owner), path))


def _copy(source: Path, name: str, folder: Path, *, more: str = "") -> None:
    for file in (source / f"{name}.control", *source.glob(f"{name}--*.sql")):
        copy = folder / file.name
        copy.write_bytes(file.read_bytes() + (more.encode() if file.suffix == ".control" else b""))
        copy.chmod(0o644)
