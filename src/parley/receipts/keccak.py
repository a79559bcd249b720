"""Keccak-256 as Ethereum has it: the sponge of FIPS 202 with the padding of before it became SHA-3 (0x01, not 0x06)."""

RATE = 136
"""Bytes taken in between two permutations."""

_ROUNDS = 24
_MASK = (1 << 64) - 1


def keccak256(data: bytes) -> bytes:
    """The 32 bytes of the digest. Meant for a few hundred bytes: about a millisecond each 136."""
    padded = bytearray(data) + b"\x01" + bytes(-(len(data) + 1) % RATE)
    padded[-1] |= 0x80
    lanes = [0] * 25  # lane (x, y) is at x + 5 * y
    for start in range(0, len(padded), RATE):
        for place in range(RATE // 8):
            at = start + 8 * place
            lanes[place] ^= int.from_bytes(padded[at : at + 8], "little")
        lanes = _permuted(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def _constants() -> tuple[int, ...]:
    """The constants of the rounds, from the linear feedback register that FIPS 202 (3.2.5) describes."""
    found, register = [], 1
    for _ in range(_ROUNDS):
        constant = 0
        for power in range(7):
            if register & 1:
                constant |= 1 << ((1 << power) - 1)
            register = (register << 1) ^ (0x171 if register & 0x80 else 0)
        found.append(constant)
    return tuple(found)


def _turns() -> tuple[tuple[int, int, int], ...]:
    """From which lane to which one the rho and pi steps move it, and by how many bits they turn it."""
    found, x, y = [(0, 0, 0)], 1, 0
    for step in range(24):
        there = y + 5 * ((2 * x + 3 * y) % 5)
        found.append((x + 5 * y, there, (step + 1) * (step + 2) // 2 % 64))
        x, y = y, (2 * x + 3 * y) % 5
    return tuple(found)


_CONSTANTS = _constants()
_TURNS = _turns()


def _permuted(a: list[int]) -> list[int]:
    for constant in _CONSTANTS:
        columns = [a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20] for x in range(5)]
        mixed = [columns[x - 1] ^ _turned(columns[(x + 1) % 5], 1) for x in range(5)]
        b = [0] * 25
        for here, there, bits in _TURNS:
            b[there] = _turned(a[here] ^ mixed[here % 5], bits)
        a = [b[i] ^ (~b[i - i % 5 + (i + 1) % 5] & _MASK & b[i - i % 5 + (i + 2) % 5]) for i in range(25)]
        a[0] ^= constant
    return a


def _turned(lane: int, bits: int) -> int:
    return ((lane << bits) | (lane >> (64 - bits))) & _MASK
