"""The evaluation room: sentinels look at an answer, say what is wrong with it, and help to mend it."""
