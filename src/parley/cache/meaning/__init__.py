"""Whether two questions ask the same: each is read into its parts by rule, and every part has to agree."""
