"""Five break-downs of the same facts, by cxloop's own measuring, by DuckDB and by pandas."""
