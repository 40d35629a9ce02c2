"""One module a vendor: facts about its interface, and a pure parser for each of its lists."""
