"""The management API, tested over a socket."""
