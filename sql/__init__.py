"""The database: tables, the store (the one door to it), queries, migrations."""
