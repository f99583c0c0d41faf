"""What roles may do with relations and functions, computed from the catalogs. Nothing is executed."""
