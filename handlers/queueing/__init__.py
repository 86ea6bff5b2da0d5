"""What goes on our queues: the texts, the hints that work is due, and when to look again."""
