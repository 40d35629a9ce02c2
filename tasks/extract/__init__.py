"""Extract: from files as they came to rows of fact tables, with nothing lost on the way."""
