"""The words every room shares: windows, KPIs, roadmap, sources, estimates, errors."""
