"""Google's two doors to Gemini: the API-key service, and Vertex with its short-lived tokens."""

from parley.providers.google.gemini import Gemini
from parley.providers.google.vertex import Vertex

__all__ = ["Gemini", "Vertex"]
