"""The plumbing: the HTTP client, stream framing, JSON, ids and clocks; has never heard of a model."""
