"""The room of memory: the window of a conversation, its sessions, and what is known of the people in them."""
