"""Runs a command and says how long it took and how much memory it had at most.

A process of its own, started with as little as Python allows: Linux counts the memory of the process that forks
into the peak of what it starts, so a large parent would be measured in place of its child.

    python -S -E stopwatch.py STDOUT STDERR COMMAND ARGUMENT…
"""

import os
import sys
import time


def main() -> None:
    """Print the seconds, the peak in KiB and the exit code."""
    _, out, err, *command = sys.argv
    write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, out, write, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, err, write, 0o600),
    ]
    start = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    seconds = time.perf_counter() - start
    peak = usage.ru_maxrss if sys.platform == "linux" else usage.ru_maxrss // 1024  # macOS counts bytes
    sys.stdout.write(f"{seconds} {peak} {os.waitstatus_to_exitcode(status)}\n")


main()
