"""How fast `sessionaudit` is, measured against what one could use in its stead. Start with `benchmarks.check`."""
