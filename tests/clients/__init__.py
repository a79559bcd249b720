"""Real clients, unmodified, against a real gateway."""
