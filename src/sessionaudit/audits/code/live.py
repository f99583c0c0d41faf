"""Judge code by a database: the live one, or a private one that was made from a contract or from migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from sessionaudit.audits.code.judge import judge
from sessionaudit.audits.code.lacking import WHOLE, LackingDatabase
from sessionaudit.audits.code.roles import sent_as
from sessionaudit.audits.code.schema_cache.reading import read_cache
from sessionaudit.postgres.connection import broken, limit, roll_back

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sessionaudit.audits.code.compiling import Compiled
    from sessionaudit.audits.code.model import CodeRequest, CodeStatement
    from sessionaudit.audits.code.schema_cache.model import SchemaCache
    from sessionaudit.audits.code.verdict import Judgement
    from sessionaudit.contract.code import DeclaredCode
    from sessionaudit.contract.model import Contract
    from sessionaudit.postgres.connection import Connection

_BEGIN = "begin transaction isolation level repeatable read read only"
_LOCK_SECONDS = 1


def judging(
    connection: Connection,
    contract: Contract,
    declared: DeclaredCode,
    *,
    timeout: float,
    lacks: LackingDatabase = WHOLE,
    watch: Callable[[Compiled, SchemaCache], None] | None = None,
) -> Callable[[Sequence[CodeRequest], Sequence[CodeStatement]], Judgement]:
    """Return what judges requests and statements by a database, in one read-only transaction.

    `lacks` says what of it may be missing. `timeout` is in seconds, for each query. `watch` is told of each
    request as it was compiled.
    """

    def judged(requests: Sequence[CodeRequest], statements: Sequence[CodeStatement]) -> Judgement:
        try:
            connection.execute(_BEGIN)
            limit(connection, timeout, _LOCK_SECONDS)
            cache = read_cache(connection, declared.schemas or (contract.schema,))
            roles_of = sent_as(declared.clients)
            subjects: list[CodeRequest | CodeStatement] = [*requests, *statements]
            return judge(connection, subjects, cache, roles_of=roles_of, lacks=lacks, watch=watch)
        except psycopg.Error as error:
            raise broken(error, "judging the code") from None
        finally:
            roll_back(connection)

    return judged
