"""The room of receipts."""
