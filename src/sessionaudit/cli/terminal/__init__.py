"""The terminal: messages on stderr, questions, and the result on stdout or in a file."""
