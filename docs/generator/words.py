"""A docstring as the sentence that a page shows."""


def sentence(of: object) -> str:
    """The docstring of `of` on one line."""
    return " ".join((of.__doc__ or "").split())
