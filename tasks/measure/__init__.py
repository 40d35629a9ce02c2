"""From facts to KPIs: daily parts that add, and values per period."""
