"""The door, seen from outside."""
