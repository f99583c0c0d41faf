"""Check contracts without a live database: what shows in the file, and what a private server says of its SQL."""
