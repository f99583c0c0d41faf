"""SQL as text: its tokens, its expressions, and when two of them mean the same. No database."""
