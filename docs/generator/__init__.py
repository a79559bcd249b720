"""Writes the pages of docs/reference that the program itself can tell."""
