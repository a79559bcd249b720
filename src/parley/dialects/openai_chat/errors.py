"""Errors of the chat dialect, told to clients and heard from upstreams; the shape is that of the union surface."""

from parley.core.error_shape import error_body as write_error
from parley.core.error_shape import refusal as read_error

__all__ = ["read_error", "write_error"]
