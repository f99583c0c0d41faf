"""Read TypeScript and JavaScript: the requests of supabase-js, statements of SQL, and what becomes of their failure."""
