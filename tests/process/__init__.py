"""The process: how it starts, why it does not, and several of them at once."""
