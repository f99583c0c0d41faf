"""Under which headings the options of a command stand in its help, and in which order these come."""

from __future__ import annotations

PLACE = "Database and contract"
INSTEAD = "Another database instead of the contract"
SERVER = "The server"
FILES = "From files instead of a database"
HISTORY = "The migrations"
CODE = "The code"
ROWS = "Which rows"
SELECTION = "What to check"
CONTENT = "What the contract names"
NEW = "A new contract"
EXISTING = "An existing contract"
PLAN = "The plan"
EXECUTION = "Execution"
CHANGES = "Changes"
PACE = "Pace of --all"
LIMITS = "Limits"
OUTPUT = "Output"

ORDER = (
    *(SERVER, PLACE, INSTEAD, FILES, HISTORY, CODE, ROWS, SELECTION, CONTENT, NEW, EXISTING),
    *(PLAN, EXECUTION, CHANGES, PACE, LIMITS, OUTPUT),
)
