"""The defaults of a call: found, converted, and settled with what is typed."""
