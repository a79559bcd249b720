"""What goes wrong between bytes and values: a frame without an end, a text that is no JSON."""


class WireError(ValueError):
    """The bytes are not what they should be; the text of the error is one sentence."""


class FrameTooLong(WireError):
    """A line or an event grew beyond its bound without an end."""

    def __init__(self, what: str, limit: int) -> None:
        """`what` names the kind of frame, `limit` is in bytes."""
        super().__init__(f"The stream holds {what} longer than {limit} bytes.")


class JsonError(WireError):
    """The bytes are not the JSON that was expected."""


class ProtobufError(WireError):
    """Bytes that are no message of Protocol Buffers; its text is a part of a sentence."""
