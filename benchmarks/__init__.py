"""How fast the loop is on a million tickets, beside a plain script that does the same."""
