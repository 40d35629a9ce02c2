"""What the helpdesk tells: contacts, replies, reopenings, promises."""
