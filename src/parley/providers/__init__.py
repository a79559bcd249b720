"""The back doors: one row or one file per upstream, and one caller that does all the talking."""
