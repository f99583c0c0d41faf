"""How long statements that change a database wait for a lock: so long they can block whoever waits behind them.

The number of seconds is that of one attempt, after which the statement gives way and is tried again.
"""

from __future__ import annotations

REPAIR_STEP = 0.1  # the default of --lock-timeout
REPAIR_SCRIPT = "1s"  # as SQL spells it: a person who runs the script tries again by hand
# Shorter than PostgreSQL's deadlock_timeout of 1 s: in a deadlock with another session, ours is the one that gives up.
BACKFILL_BATCH = 0.2
UNDO_BATCH = 0.3
