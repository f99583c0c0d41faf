"""The server: how we connect, read, lock, and ask it what it makes of SQL."""
