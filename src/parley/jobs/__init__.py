"""The room of work that is owed: done once, by whichever worker comes first, however often the machine fails."""
