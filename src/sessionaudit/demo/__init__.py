"""A throwaway PostgreSQL with the broken system that this program was first made for."""
