"""When environments sleep."""
