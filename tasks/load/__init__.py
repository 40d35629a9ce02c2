"""From staged rows to published facts, in one transaction a batch."""
