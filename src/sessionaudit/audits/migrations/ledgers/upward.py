"""Cut from the text of a migration what takes it back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessionaudit.sql.statements import UnsplitError, statements

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessionaudit.sql.statements import SqlStatement

# What begins the part that goes upward, and the one that takes it back, where a tool has both in one file.
DBMATE = re.compile(r"^--[ \t]*migrate:(up|down)\b[^\r\n]*", re.MULTILINE)
GOOSE = re.compile(r"^--[ \t]*\+goose[ \t]+(up|down)\b[^\r\n]*", re.MULTILINE | re.IGNORECASE)
SQL_MIGRATE = re.compile(r"^--[ \t]*\+migrate[ \t]+(up|down)\b[^\r\n]*", re.MULTILINE | re.IGNORECASE)
NODE_PG_MIGRATE = re.compile(r"^[ \t]*--[\s-]*(up|down)\s+migration\b[^\r\n]*", re.MULTILINE | re.IGNORECASE)
ANY = re.compile(
    r"^--[ \t]*(?:migrate:|\+goose[ \t]+|\+migrate[ \t]+)(up|down)\b[^\r\n]*", re.MULTILINE | re.IGNORECASE
)
# One of these has every statement that the server takes in no transaction that has others.
_MAY_BE_ALONE = "concurrently vacuum database tablespace subscription system discard cluster reindex".split()
_VISIBLE = re.compile(r"[^\r\n]")


def upward(text: str, marks: re.Pattern[str]) -> str:
    """Return what runs upward, each character in its place: what takes it back is blank, or cut off at the end."""
    found = list(marks.finditer(text))
    for mark, after in zip(reversed(found), [None, *reversed(found)], strict=False):
        if mark[1].lower() != "down":
            continue
        if after is None:
            text = text[: mark.start()]
        else:
            text = text[: mark.start()] + _VISIBLE.sub(" ", text[mark.start() : after.start()]) + text[after.start() :]
    return text


def takes_one_transaction(text: str, alone: Callable[[SqlStatement], bool] | None = None) -> bool:
    """Whether no statement of a text wants to be in no transaction; `alone` tells those, else the server's rules do."""
    folded = text.lower()
    if not any(word in folded for word in _MAY_BE_ALONE):
        return True
    try:
        return not any((alone or _stands_alone)(statement) for statement in statements(text))
    except UnsplitError:
        return True


def is_one_block(text: str) -> bool:
    """Whether the server makes one transaction of a text that it gets whole: it does, but for a single statement."""
    try:
        return takes_one_transaction(text) or len(list(statements(text))) > 1
    except UnsplitError:
        return True


def _stands_alone(statement: SqlStatement) -> bool:
    """What divides transactions is another matter, and a value may be added to an enum in one, if not used there."""
    return statement.alone and not statement.ends_transaction and statement.words[:2] != ("alter", "type")
