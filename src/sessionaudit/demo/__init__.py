"""Create the broken system that this program was first made for, in a temporary PostgreSQL server."""
