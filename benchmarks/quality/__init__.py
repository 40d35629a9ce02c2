"""Quality of what is learned, measured on real data: tables for docs/quality.md."""
