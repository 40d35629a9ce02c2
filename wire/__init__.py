"""The wire: files, HTTP and Slack as they are, and the landing zone; no meaning, only bytes."""
