"""Judge what was measured: pace against the roadmap, drift against a series' own past."""
