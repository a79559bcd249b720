"""A room: receipts, which prove what was asked and answered, byte for byte, and that no record is gone or changed."""
