"""The accounts room, tested with plain values and ports that keep everything in memory."""
