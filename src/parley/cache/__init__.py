"""A room: answers that may be given again, to an equal request or to the same question in other words."""
