"""What goes wrong with the store, as sentences for the operator: the message never holds a password or a record."""

from parley.core.errors import HouseError


class StoreError(HouseError):
    """The store can not be opened, read or written now; a client sees 503, a start ends with the sentence."""

    status = 503
    type = "overloaded_error"
    code = "store_away"


class Away(Exception):
    """The database does not take writes at the moment: gone, locked, full. The message says why, in a few words."""


class Unfit(Exception):
    """The database is there and does not take this record as it is."""
