"""Tell the story of one row, link by link."""
