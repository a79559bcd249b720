"""The door: knows HTTP, keys and error pages; knows no provider."""
