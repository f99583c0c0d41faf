"""Defaults of options: what `[tool.sessionaudit]` of pyproject.toml and environment variables state."""
