"""Cut from the text of a migration what takes it back."""

from __future__ import annotations

import re

from sessionaudit.sql.statements import UnsplitError, statements

# What begins the part that goes upward, and the one that takes it back, where a tool has both in one file.
DBMATE = re.compile(r"^--[ \t]*migrate:(up|down)\b[^\r\n]*", re.MULTILINE)
GOOSE = re.compile(r"^--[ \t]*\+goose[ \t]+(up|down)\b[^\r\n]*", re.MULTILINE | re.IGNORECASE)
SQL_MIGRATE = re.compile(r"^--[ \t]*\+migrate[ \t]+(up|down)\b[^\r\n]*", re.MULTILINE | re.IGNORECASE)
NODE_PG_MIGRATE = re.compile(r"^[ \t]*--[\s-]*(up|down)\s+migration\b[^\r\n]*", re.MULTILINE | re.IGNORECASE)
ANY = re.compile(
    r"^--[ \t]*(?:migrate:|\+goose[ \t]+|\+migrate[ \t]+)(up|down)\b[^\r\n]*", re.MULTILINE | re.IGNORECASE
)
# What a statement must have of which the server takes no other in the same transaction.
_MAY_BE_ALONE = re.compile(
    r"\b(?:concurrently|vacuum|database|tablespace|subscription|system|discard|cluster|add\s+value|reindex"
    r"|begin|commit|rollback|start|end|abort)\b",
    re.IGNORECASE,
)
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


def takes_one_transaction(text: str) -> bool:
    """Whether the server takes all statements in one transaction."""
    if _MAY_BE_ALONE.search(text) is None:
        return True
    try:
        return not any(statement.alone for statement in statements(text))
    except UnsplitError:
        return True


def is_one_block(text: str) -> bool:
    """Whether the server makes one transaction of a text that it gets whole: it does, but for a single statement."""
    if takes_one_transaction(text):
        return True
    return len(list(statements(text))) > 1
