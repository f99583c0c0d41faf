"""Say what a name, a type or a module suggests of an expression: whether it is a client of supabase-js."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode
from enum import Enum
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from sessionaudit.audits.code.model import CodeClient

if TYPE_CHECKING:
    from sessionaudit.audits.code.model import CodeValue

_NAMED = re.compile(r"supabase|^(?:sb|supa|postgrest|pgrst)(?=$|[A-Z_\d])", re.IGNORECASE)
_OTHERWISE = re.compile(r"storage|bucket|supabase_?(?:url|key|auth)\b|auth$", re.IGNORECASE)
_TYPED = re.compile(r"supabase|PostgrestClient|typeof createClient", re.IGNORECASE)
_OTHER_TYPE = re.compile(
    r"\b(?:Knex|Kysely|PrismaClient|Pool|EntityManager|DataSource|QueryBuilder|Redis|Sequelize|Observable|Storage\w*)\b"
)
MODULE = re.compile(r"@supabase/|#supabase|supabase-js|postgrest-js|nuxtjs/supabase")
OTHER_MODULE = re.compile(
    r"^(?:node:)?(?:knex|kysely|drizzle-orm|objection|typeorm|sequelize|rxjs|redis|ioredis|@sanity/|@libsql/|@prisma|"
    r"contentful|slonik|squel|bookshelf|@mikro-orm/|mysql2?|sqlite3|better-sqlite3|stream|buffer|gsap|urql|@urql/)"
)
GLOBALS = frozenset(
    "Array Buffer Object Set Map String Number Promise Readable Observable Iterator AsyncIterator Stream Date URL Math "
    "JSON Uint8Array Uint8ClampedArray Uint16Array Uint32Array Int8Array Int16Array Int32Array Float32Array "
    "Float64Array BigInt64Array BigUint64Array Temporal gsap knex $".split()
)
PARTS = frozenset(("storage", "auth", "functions", "realtime"))


class NoClient(Enum):
    """What is said of an expression that is not a client for certain."""

    OTHER = 1  # something else, as `storage` or a list
    UNKNOWN = 2


class FoundClient(Struct, frozen=True):
    """A client, and the schema that its requests are for. It is `sure` if more than its name says so."""

    client: CodeClient
    schema: CodeValue | None = None
    sure: bool = True


Found = FoundClient | NoClient


def by_name(name: str) -> Found:
    """Return what a name suggests."""
    if _NAMED.search(name) and not _OTHERWISE.search(name):
        return FoundClient(CodeClient(name), sure=False)
    return NoClient.UNKNOWN


def by_type(text: str, name: str) -> Found:
    """Return what a type says."""
    if _TYPED.search(text) and not _OTHERWISE.search(text):
        return FoundClient(CodeClient(name))
    return NoClient.OTHER if _OTHER_TYPE.search(text) else NoClient.UNKNOWN


def first(found: list[Found]) -> Found:
    """Return the first client, one that is sure and has a key before others; else what is said of all."""
    clients = [one for one in found if isinstance(one, FoundClient)]
    if clients:
        return max(clients, key=lambda one: (one.sure, bool(one.client.key), bool(one.client.maker)))
    return NoClient.OTHER if found and all(one is NoClient.OTHER for one in found) else NoClient.UNKNOWN


def spoken_key(key: str) -> str:
    """Return what may be told of a key that stands in the code: its role, and nothing that opens a door."""
    role = "service_role" if key.startswith("sb_secret_") else "anon" if key.startswith("sb_publishable_") else ""
    parts = key.split(".")
    if len(parts) == 3:
        try:
            claims: Any = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
            role = str(claims["role"])[:30]
        except (ValueError, KeyError, TypeError):
            role = ""
    return f"a literal key of {role}" if role else "a literal key"
