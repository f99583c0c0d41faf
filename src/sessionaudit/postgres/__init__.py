"""The server: connecting, reading, locking, and having it parse or print SQL."""
