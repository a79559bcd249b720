"""The kinds of sentinels that need no model: one file per kind, each with its keys (`Options`) and its check (`make`)."""
