"""The cellar: SQL only. Tables, migrations, one repository per noun, and the ledger that writes records in groups."""

from parley.store.errors import StoreError
from parley.store.ledger import Ledger, LedgerStats
from parley.store.open import Store, open_store
from parley.store.open_ledger import open_ledger

__all__ = ["Ledger", "LedgerStats", "Store", "StoreError", "open_ledger", "open_store"]
