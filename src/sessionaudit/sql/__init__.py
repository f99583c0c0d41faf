"""Handle SQL as text: tokens, expressions, and whether two of them mean the same. Uses no database."""
