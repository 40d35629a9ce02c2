"""The room's steps: read the store, compose, write pages, put the message into the outbox."""
