"""Makes the files of the made-up company Acme Brew again, byte for byte (before compression)."""
