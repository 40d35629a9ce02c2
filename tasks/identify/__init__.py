"""One person, many customer ids: which ids of all sources belong together."""
