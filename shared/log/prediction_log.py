"""The prediction log: what was answered, what came true, and how the service did, as SQL tables.

SQLite unless `MILLRACE_LOG` names another database by a SQLAlchemy address. A problem's tables are
`{problem}_predictions`, `{problem}_outcomes` and `{problem}_service_minutes`. Rows are only added,
and columns too: a bundle with a new feature adds its column, none is dropped.
"""

from shared.log.log_database import LogDatabase
from shared.log.minutes import Minutes
from shared.log.outcomes import Outcomes
from shared.log.predictions import Predictions
from shared.schema.contract import Contract
from shared.tasks.choice import task_of


class PredictionLog(LogDatabase):
    """A problem's log: the `predictions`, `outcomes` and `minutes` in its database."""

    def __init__(
        self,
        problem: str,
        contract: Contract,
        address: str | None = None,
        lock_seconds: float | None = None,
    ) -> None:
        super().__init__(problem, contract, address, lock_seconds)
        self._lock_seconds = lock_seconds
        task = task_of(contract)
        seen_by = task.seen_by.columns if task.seen_by else ()
        self.predictions = Predictions(self, task.counted_names, seen_by)
        self.outcomes = Outcomes(self)
        self.minutes = Minutes(self)

    def of(self, contract: Contract) -> "PredictionLog":
        """Return the log of the same problem in the same database for another contract."""
        address = self._engine.url.render_as_string(hide_password=False)
        return PredictionLog(self.problem, contract, address, self._lock_seconds)
