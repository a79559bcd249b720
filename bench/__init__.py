"""Benchmarks that anyone can run: `make bench` beside a plain proxy, `make bench-peers` beside other gateways."""
