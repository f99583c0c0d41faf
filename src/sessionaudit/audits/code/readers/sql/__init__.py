"""The reader of files of SQL that are no migrations."""
