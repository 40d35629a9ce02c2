"""Tell: the weekly summary as a page, as Markdown, as numbers and as a message."""
