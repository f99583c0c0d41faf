"""Clients of the session-request system, and how long each of their statements waits.

    python traffic.py URL

Prints “ready” once every client has had an answer, works until stdin ends, and then prints JSON: how many
statements there were, the longest wait in seconds and whose it was, and what failed. Each client has a connection
of its own and a pause between its statements, as people and servers have.
"""

from __future__ import annotations

import json
import sys
import threading
import time

import psycopg

PAUSE = 0.004  # seconds
# Nothing here names a column that the faults took away, or is written otherwise once they are mended.
CLIENTS = {
    "insert into session_requests": """
        insert into public.session_requests (customer_id, session_type, plan_code, customer_name)
        select u.id, 'chat', 'free', 'traffic' from auth.users u limit 1""",
    "select from session_requests": """
        select r.id, r.status, r.created_at from public.session_requests r
        where r.status = 'pending' order by r.created_at desc limit 20""",
    "insert into sessions": """
        insert into public.sessions (plan, type, status, stripe_session_id)
        values ('free', 'chat', 'completed', gen_random_uuid()::text)""",
    "select from sessions": """
        select s.id, s.status from public.sessions s where s.mechanic_id is not null limit 20""",
    "select from session_participants": """
        select p.id, p.role from public.session_participants p limit 20""",
    "update mechanics": """
        update public.mechanics set phone = phone where id = '7d34c004-2074-4d0c-af62-7b7cae469ae0'""",
    "select from auth.users": """
        select u.id from auth.users u limit 20""",
}


class Client(threading.Thread):
    """One of them."""

    def __init__(self, url: str, name: str, statement: str, stop: threading.Event) -> None:
        super().__init__(name=name)
        self.waits: list[float] = []
        self.failed: list[str] = []
        self._url = url
        self._statement = statement.encode()
        self._ended = stop

    def run(self) -> None:
        """Work until told to stop."""
        with psycopg.connect(self._url, autocommit=True, prepare_threshold=None) as connection:
            while not self._ended.is_set():
                begun = time.perf_counter()
                try:
                    connection.execute(self._statement)
                except psycopg.Error as error:
                    self.failed.append(f"{self.name}: {error}")
                self.waits.append(time.perf_counter() - begun)
                time.sleep(PAUSE)


def main() -> None:
    """Work until stdin ends, and tell of it."""
    stop = threading.Event()
    clients = [Client(sys.argv[1], name, statement, stop) for name, statement in CLIENTS.items()]
    for client in clients:
        client.start()
    while not all(client.waits for client in clients):
        time.sleep(0.01)
    for client in clients:
        client.waits.clear()  # connecting, and the first look at the catalogs, are no waits
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
    stop.set()
    for client in clients:
        client.join()
    slowest = max(clients, key=lambda client: max(client.waits, default=0.0))
    told = {
        "statements": sum(len(client.waits) for client in clients),
        "longest": max(slowest.waits),
        "whose": slowest.name,
        "failed": [failure for client in clients for failure in client.failed],
    }
    sys.stdout.write(f"{json.dumps(told)}\n")


if __name__ == "__main__":
    main()
