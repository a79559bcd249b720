"""Parley is a self-hosted chat-completions gateway: routed, remembered, judged, and never lost."""

__version__ = "0.1.0"
