"""What a night needs beside its rules: what holds it back, what has to be kept, and how the owner hears of it."""
