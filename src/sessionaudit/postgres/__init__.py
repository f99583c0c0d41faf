"""Work with the server: connect, read, lock, and have it parse or print SQL."""
