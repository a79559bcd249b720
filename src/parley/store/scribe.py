"""The scribe: keeps batches of records, in the store or, while the store is away, in the spool; runs in one thread."""

import logging
import time
from collections.abc import Iterator, Sequence
from typing import Protocol

from parley.core.enclosures import Charge
from parley.core.record import Record
from parley.store.enclosures import NONE, Rows, enclosed
from parley.store.errors import Away, StoreError, Unfit
from parley.store.rows import Row, mended, row_of
from parley.store.spool import Spool, SpoolFile

log = logging.getLogger(__name__)

PIECE = 500
"""Records that are replayed at once, between the batches of the callers."""

FIRST_RETRY, LAST_RETRY = 0.25, 5.0
PATIENCE = 0.5
"""Seconds that a look for the lost store may hold up the callers, whose records go to the spool meanwhile."""


class Writer(Protocol):
    """A database that takes rows."""

    def open(self, patience: float | None = None) -> None:
        """Connects, anew if need be, within `patience` seconds. Raises Away."""

    def write(self, rows: Sequence[Row], enclosures: Rows) -> None:
        """Commits all rows or none; ids that are there already are passed over. Raises Away or Unfit."""

    def close(self) -> None:
        """Ends the connection."""


class Scribe:
    """Never raises; what can be kept nowhere is told to the caller."""

    def __init__(self, writer: Writer, spool: Spool) -> None:
        self._writer = writer
        self._spool = spool
        self._pause = FIRST_RETRY
        self._retry_at = 0.0
        self._waiting: list[SpoolFile] = []
        self._replay: Iterator[list[Record]] | None = None
        self.away = False
        self.committed = 0
        self.spooled = 0
        self.replayed = 0
        self.unfit = 0

    def start(self) -> None:
        """Connects, and looks for what earlier processes left in the spool."""
        try:
            self._writer.open()
        except Away as reason:
            self._leave(reason)
        self._spool.prepare()
        self._waiting = self._spool.left_over()

    def keep(self, records: Sequence[Record]) -> StoreError | None:
        """Keeps every record: all are committed or on disk when it returns. An error says that neither was possible."""
        if not self.away:
            try:
                self._write(records)
                self.committed += len(records)
                return None
            except Away as reason:
                self._leave(reason)
            except Exception as error:  # a driver's own mistake must not end the thread that everybody waits for
                self._leave(Away(f"{type(error).__name__} in the driver"))
        try:
            self._spool.append(records)
        except OSError as error:
            message = f"The store is away and its spool {self._spool.folder} can not be written: {error.strerror}."
            log.error("%s %d records are not kept", message, len(records))
            return StoreError(message)
        self.spooled += len(records)
        return None

    def tend(self) -> float | None:
        """Looks for a lost store, or replays one piece of the spool. Returns after how many seconds to call again."""
        if self.away and not self._returned():
            return max(0.0, self._retry_at - time.monotonic())
        if self._replay is None and not self._waiting:
            return None
        try:
            self._replay_piece()
        except Away as reason:
            self._leave(reason)
            return self._pause
        return 0.0

    def stop(self) -> None:
        """Ends the connection; what is still in the spool waits for the next start."""
        self._writer.close()
        self._spool.close()
        for file in self._waiting:
            file.close()

    def _returned(self) -> bool:
        if time.monotonic() < self._retry_at:
            return False
        try:
            self._writer.open(PATIENCE)
        except Away:
            self._pause = min(self._pause * 2, LAST_RETRY)
            self._retry_at = time.monotonic() + self._pause
            return False
        self.away = False
        self._pause = FIRST_RETRY
        self._spool.prepare()
        if (own := self._spool.take_own()) is not None:
            self._waiting.append(own)
        log.warning("the store is back; what the spool holds is written to it now")
        return True

    def _leave(self, reason: Away) -> None:
        log.error("the store is away (%s); records go to %s until it is back", reason, self._spool.folder)
        self.away = True
        self._replay = None
        self._retry_at = time.monotonic() + self._pause

    def _replay_piece(self) -> None:
        file = self._waiting[0]
        if self._replay is None:
            self._replay = file.pieces(PIECE)
        piece = next(self._replay, None)
        if piece is None:
            self._replay = None
            self._waiting.pop(0).remove()
        elif piece:
            self._write(piece)
            self.replayed += len(piece)

    def _write(self, records: Sequence[Record]) -> None:
        try:
            self._writer.write([*map(row_of, records)], enclosed(records))
        except Unfit:
            for record in records:
                self._write_alone(record)
        except (UnicodeEncodeError, TypeError, ValueError):
            for record in records:
                self._write_alone(record)

    def _write_alone(self, record: Record) -> None:
        """One record that may be unfit: as it is, else mended, else without what goes along with it, else left out."""
        rows = enclosed([record])
        bare: Rows = {Charge: rows[Charge]} if Charge in rows else NONE
        reason = ""
        for change, along in ((tuple, rows), (mended, rows), (mended, bare)):
            try:
                self._writer.write([change(row_of(record))], along)
                if along is not rows:
                    log.error("what goes along with the record %s does not fit into the store: %s", record.id, reason)
                return
            except Unfit as error:
                reason = str(error)
            except (UnicodeEncodeError, TypeError, ValueError) as error:
                reason = type(error).__name__
        self.unfit += 1
        log.error("the record %s does not fit into the store and is left out: %s", record.id, reason)
