"""PostgREST: what a client sends to it, how it reads that, and which statement it makes of it."""
