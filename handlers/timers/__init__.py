"""When a timer runs, as the Functions host reads it."""
