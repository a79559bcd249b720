"""A vLLM server: what it is asked, and how its scores of a prompt are read."""

from parley.providers.vllm.provider import Vllm

__all__ = ["Vllm"]
