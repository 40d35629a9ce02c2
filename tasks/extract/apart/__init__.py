"""What staging does in whatever process: without Prefect and the database, which take a second to import."""
