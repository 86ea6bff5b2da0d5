"""What a night has to know before it puts an environment to sleep: what holds it back, and what has to be kept."""
