"""The management API: `client.feedback`, `.context`, `.sessions`, `.memories` and `.evaluations`.

Each method is written once, as the Ask that it sends; on `AsyncParley` it is awaited.
"""
