"""Keeps what was answered: in the log, or in the spool while the log is away."""

import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from shared.log.database import LogUnavailable, RowsRefused
from shared.log.prediction_log import PredictionLog
from shared.log.spool import Batch, Depth, Spool
from shared.schema import columns
from shared.schema.columns import Columns
from shared.schema.contract import Contract

# How many waiting answers one commit moves into the log.
ANSWERS_PER_COMMIT = 200
# Given a place, `database` or `spool`, and the roles of the rows that are put there in its block.
WriteTimer = Callable[[Any, Sequence[str]], AbstractContextManager[None]]


class LogWriter:
    """Keeps one bundle's rows; `away` says why the log cannot be written just now, else None."""

    def __init__(
        self,
        log: PredictionLog,
        contract: Contract,
        spool: Spool | None = None,
        writing: WriteTimer = lambda place, roles: nullcontext(),
    ) -> None:
        self.log = log
        self.spool = spool
        self.away: str | None = None
        self._contract = contract
        self._writing = writing

    def write(self, rows: Columns) -> None:
        """Put rows where they are durable when this returns.

        Raises `LogUnavailable` when neither the log nor the spool takes them.
        """
        if self.away is None or self.spool is None:
            try:
                with self._writing("database", rows["role"]):
                    self.log.predictions.append_columns(rows)
                return
            except RowsRefused as error:
                print(f"the prediction log refuses rows: {error}", file=sys.stderr, flush=True)
                raise
            except LogUnavailable as error:
                if self.spool is None:
                    raise
                self._note(str(error))
        try:
            with self._writing("spool", rows["role"]):
                self.spool.put(columns.rows(rows), self._contract)
        except LogUnavailable as error:
            raise LogUnavailable(f"{self.away}, and {error}") from error

    def check_log(self) -> None:
        """Check whether the log takes what is written."""
        try:
            self.log.check_writable()
            self._note(None)
        except LogUnavailable as error:
            self._note(str(error))

    def drain_spool(self) -> None:
        """Move what waits in the spool into the log, if the log is there: as long as that takes."""
        self.check_log()
        if self.spool is None or self.away is not None:
            return
        try:
            most = ANSWERS_PER_COMMIT
            while batch := self.spool.oldest(most):
                most = ANSWERS_PER_COMMIT if self._moved(self.spool, batch) else 1
        except LogUnavailable as error:
            self._note(str(error))

    def depth(self) -> Depth:
        """Return how much waits in the spool."""
        return self.spool.depth() if self.spool else Depth(0, None)

    def _note(self, away: str | None) -> None:
        """Note whether the log is away, and say so on stderr: not every caller is told."""
        if (away is None) != (self.away is None):
            words = f"away: {away}" if away else "here again"
            print(f"the prediction log is {words}", file=sys.stderr, flush=True)
        self.away = away

    def _moved(self, spool: Spool, batch: Batch) -> bool:
        """Put a batch into the log; False where it has to be tried answer by answer."""
        # It may have been answered by a bundle with other columns.
        log = self.log if batch.contract == self._contract else self.log.of(batch.contract)
        try:
            with self._writing("database", [row["role"] for row in batch.rows]):
                log.predictions.append(batch.rows)
        except RowsRefused as error:
            if batch.first != batch.last:
                return False
            print(f"{len(batch.rows)} spooled rows set aside: {error}", file=sys.stderr, flush=True)
            spool.set_aside(batch)
        else:
            spool.drop(batch)
        finally:
            if log is not self.log:
                log.close()
        return True
