"""cxloop."""
