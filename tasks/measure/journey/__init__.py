"""The ways contacts go, and how far channels, hours and segments lie apart."""
