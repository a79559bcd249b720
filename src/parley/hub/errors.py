"""What can go wrong between a name and a file: one sentence each."""


class HubError(Exception):
    """The file can not be had; the message says why and what to do."""


class HubBusy(HubError):
    """The hub can not answer at this moment; asking again may help."""
