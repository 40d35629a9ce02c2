"""Warehouses as common tools land them: streams and mappings, ready-made."""
