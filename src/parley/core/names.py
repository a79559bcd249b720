"""Names as indexed tables keep them: short enough for an index entry, and never two alike."""

import hashlib

LONGEST = 100
KEPT = 60


def fit(name: str) -> str:
    """`name`, or where it is too long or holds what PostgreSQL can not, its beginning and its hash."""
    if len(name) <= LONGEST and "\0" not in name:
        return name
    digest = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:32]
    return f"{name[:KEPT].replace(chr(0), '?')}~{digest}"
