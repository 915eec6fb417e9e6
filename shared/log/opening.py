"""A problem's prediction log, opened for a block."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from shared.schema.contract import Contract

if TYPE_CHECKING:
    from shared.log.prediction_log import PredictionLog


@contextmanager
def opened_log(problem: str, contract: Contract) -> "Iterator[PredictionLog]":
    """Open a problem's log, and close it at the end of the block.

    Raises `Refusal` when the database does not answer in the block.
    """
    # Here, since it takes a tenth of the verdict on a file, which asks no log.
    from shared.log import database
    from shared.log.prediction_log import PredictionLog

    log = PredictionLog(problem, contract)
    try:
        with database.needed():
            yield log
    finally:
        log.close()
