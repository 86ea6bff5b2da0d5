"""What the chats show, against chats that behave."""
