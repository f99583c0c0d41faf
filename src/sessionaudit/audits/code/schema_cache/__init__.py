"""What PostgREST knows of a database: its schema cache."""
