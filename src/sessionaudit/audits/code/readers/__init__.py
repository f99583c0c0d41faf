"""One room for each language: each finds the requests and the statements of its files."""
