"""The least that a program in Python can do: connect, run the catalog queries of `check`, fetch all rows.

    python bare.py QUERIES pipelined|one-by-one

QUERIES is what `recording.py` wrote. Prints the number of rows. Imports nothing but psycopg.
"""

import gc
import marshal
import sys

import psycopg

gc.disable()
with open(sys.argv[1], "rb") as file:  # noqa: PTH123 - pathlib takes time to load
    queries = marshal.load(file)
rows = 0
with psycopg.connect("", autocommit=True, prepare_threshold=None) as connection:
    if sys.argv[2] == "pipelined":
        with connection.pipeline():
            cursors = [
                (connection.execute(query, arguments, binary=binary), returns)
                for query, arguments, binary, returns in queries
            ]
            for cursor, returns in cursors:
                rows += len(cursor.fetchall()) if returns else 0
    else:
        for query, arguments, binary, returns in queries:
            cursor = connection.execute(query, arguments, binary=binary)
            rows += len(cursor.fetchall()) if returns else 0
    connection.rollback()
sys.stdout.write(f"{rows}\n")
