"""Who signed: recovers the public key from a signature over secp256k1 (SEC 1, version 2.0, section 4.1.6).

Only public values pass through here, so that nothing needs to take constant time; about ten milliseconds a call.
"""

PRIME = 2**256 - 2**32 - 977
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
BASE = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)

Point = tuple[int, int] | None
"""A point of the curve; None is the one at infinity."""


def recovered(digest: bytes, r: int, s: int, odd: bool) -> tuple[int, int]:
    """The public key of who signed `digest`; `odd`: the curve point behind `r` has an odd y.

    Raises ValueError for a signature that nobody can have made.
    """
    if not (0 < r < ORDER and 0 < s < ORDER):
        raise ValueError("the signature's numbers are out of range")
    squared = (pow(r, 3, PRIME) + 7) % PRIME
    y = pow(squared, (PRIME + 1) // 4, PRIME)
    if y * y % PRIME != squared:
        raise ValueError("the signature belongs to no point of the curve")
    point = (r, y if y % 2 == odd else PRIME - y)
    inverse = pow(r, -1, ORDER)
    one = _times(point, s * inverse % ORDER)
    other = _times(BASE, -int.from_bytes(digest, "big") * inverse % ORDER)
    found = _added(one, other)
    if found is None:
        raise ValueError("the signature belongs to no key")
    return found


def _times(point: Point, factor: int) -> Point:
    found: Point = None
    while factor:
        if factor & 1:
            found = _added(found, point)
        point = _added(point, point)
        factor >>= 1
    return found


def _added(one: Point, other: Point) -> Point:
    if one is None or other is None:
        return one or other
    (x1, y1), (x2, y2) = one, other
    if x1 == x2 and (y1 + y2) % PRIME == 0:
        return None
    rise = 3 * x1 * x1 * pow(2 * y1, -1, PRIME) if one == other else (y2 - y1) * pow(x2 - x1, -1, PRIME)
    x = (rise * rise - x1 - x2) % PRIME
    return x, (rise * (x1 - x) - y1) % PRIME
