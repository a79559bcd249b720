"""Portkey's client at the door: what it asks for beside calls (portkey-ai 2.3.4, its paths and shapes seen 2026-11)."""
