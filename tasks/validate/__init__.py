"""The validate room: what a batch must hold before it is loaded; rows that fail are set aside, with the reason."""
