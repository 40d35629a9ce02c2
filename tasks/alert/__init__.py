"""Telling people: incidents through their states, messages in words, delivery once."""
