"""The reader of Python: supabase-py, and SQL."""
