"""The run itself: its day, its lease, what Prefect's pages show of it."""
