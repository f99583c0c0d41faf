"""Read a contract: YAML into expected objects, each with its line."""

# A line of a contract that says where its schema is to be had: where a user has that, nobody can know.
FOR_EDITORS = "# `python -m sessionaudit.contract.jsonschema` prints the schema by which editors check this file."
