"""A private database for what is judged without a live one."""
