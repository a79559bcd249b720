"""The kinds of sentinels that need no model, each with its keys (`Options`) and what makes its instrument (`make`)."""
