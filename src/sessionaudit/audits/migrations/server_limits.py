"""Tell which refusals are those of the private server and of its role: elsewhere the same statement may work."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from sessionaudit.core import sqlstate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessionaudit.embedded.bounded import ReplayRefusal


class ServerLimit(NamedTuple):
    """Why a statement may work elsewhere, and what would tell."""

    reason: str
    hint: str = ""


_OTHER_PROGRAMS = "Use a PostgreSQL that has it: SESSIONAUDIT_PG_BIN."
_NOT_BUILT = re.compile(
    r"is not supported (?:in|by) this build|not supported on this platform|unsupported XML feature|"
    r"compression method \w+ not supported|could not create locale|could not open collator|"
    r'collation "[^"]*-x-icu" for encoding',
)
# What Supabase lets its role `postgres` do, which is no superuser (the extension supautils); the private one may not.
_LENT_BY_SUPABASE = re.compile(
    r"permission denied to (?:create event trigger|create role|create foreign-data wrapper|set parameter|alter role|"
    r"grant role|alter setting)|must be superuser to .*publication|must have admin option on role|"
    r"(?:must be owner of|permission denied for) database postgres",
)
_DATABASE = re.compile(r'database "[^"]*" does not exist')
_OF_TIME, _SETS_TIME = "statement timeout", "statement_timeout"
OF_THIS_RUN = "that is a limit of the private server alone"
_BY_ROWS = frozenset((sqlstate.DIVISION_BY_ZERO, sqlstate.FOREIGN_KEY_VIOLATION))
_BY_ITSELF = "the file says so itself, which may depend on the rows and on the database"
_OF_A_DATABASE = "the name of the live database is not known here"
_OF_SUPABASE = "Supabase lets its role do so, and the role of the private server may not"
_OF_ANY = "the role that runs the migrations may have the right, and that of the private server has not"

_OF_RELATIONS = ("constraint ", "trigger ", "policy ", "rule ", "role ", "publication ")  # no extension brings these
BY_PSQL_ALONE = ServerLimit("psql runs it, and the private server is given SQL alone")


def server_limit(state: str, message: str, *, supabase: bool) -> ServerLimit | None:
    """Return why a refused statement may work where the migrations are run; None if it fails there, too.

    On a platform it is known what its role may do. Elsewhere nothing is known of the role, which may be a superuser.
    """
    if _NOT_BUILT.search(message):
        return ServerLimit("the programs of the private server were built without it", _OTHER_PROGRAMS)
    if state == sqlstate.INVALID_CATALOG_NAME and _DATABASE.search(message):
        return ServerLimit(_OF_A_DATABASE)
    if state.startswith(sqlstate.PLPGSQL_ERROR) or state in _BY_ROWS:
        return ServerLimit(_BY_ITSELF)
    if state != sqlstate.INSUFFICIENT_PRIVILEGE:
        return None
    if supabase:
        return ServerLimit(_OF_SUPABASE) if _LENT_BY_SUPABASE.search(message) else None
    return ServerLimit(_OF_ANY)


def own_limit(refusal: ReplayRefusal, text: str) -> ServerLimit | None:
    """Return that a statement took more than it may here; None for another refusal, as by a limit of its file."""
    if refusal.state == sqlstate.QUERY_CANCELED:
        of_time = _OF_TIME in refusal.message and _SETS_TIME not in text.lower()
    else:
        of_time = refusal.ours and "longer than" in refusal.message
    if of_time:
        return ServerLimit(OF_THIS_RUN, "Give it more time: --statement-timeout.")
    if refusal.ours or refusal.state in {sqlstate.OUT_OF_MEMORY, sqlstate.CONFIGURATION_LIMIT_EXCEEDED}:
        return ServerLimit(OF_THIS_RUN)
    return None


def of_extensions(lacking: Sequence[str]) -> ServerLimit:
    """Return the limit that extensions are not there."""
    several = "s" if len(lacking) > 1 else ""
    return ServerLimit(
        f"the private server lacks the extension{several} {', '.join(lacking)}, which may bring it", _OTHER_PROGRAMS
    )


def may_be_of_extension(state: str, message: str, *, nowhere: bool, advised: bool) -> bool:
    """Whether what a statement lacks may be part of an extension: of some objects no file says that it makes them.

    `nowhere` tells that no file makes it, `advised` that there is something to say of it.
    """
    if state == sqlstate.UNDEFINED_OBJECT:
        return nowhere or (not advised and not message.startswith(_OF_RELATIONS))
    return nowhere or state == sqlstate.UNDEFINED_FUNCTION
