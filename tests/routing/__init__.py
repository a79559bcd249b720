"""The routing room, tested with plain values: no I/O, time as numbers, chance from a seed."""
