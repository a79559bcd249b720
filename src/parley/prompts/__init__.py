"""The room of stored prompts: templates with versions, of which one is published, filled in and asked by name."""
