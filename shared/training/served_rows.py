"""Rows that were served and have their outcome: what a model in production has taught since."""

from datetime import UTC, datetime

import pandas as pd

from shared.log.prediction_log import opened_log
from shared.schema.contract import Contract
from shared.settings import Settings

FIRST, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def labelled_rows(table: pd.DataFrame, contract: Contract, settings: Settings) -> pd.DataFrame:
    """Return the log's rows that have an outcome, but for keys that a table has already.

    Columns are named as the contract has them. Raises `Refusal` when the log cannot be read.
    """
    with opened_log(settings.name, contract) as log:
        found = log.predictions.window(FIRST, LAST)
    served = found[(found["role"] != "challenger") & found["outcome"].notna()]
    columns = {"key": contract.key, "time": contract.time, "outcome": contract.target}
    columns |= {answered: name for name, answered in contract.answered_as.items()}
    served = served.rename(columns=columns).drop_duplicates(contract.key, keep="last")
    if contract[contract.target].type == "boolean":
        # The log has 0 and 1, which a target with texts of its own does not know.
        served[contract.target] = served[contract.target].astype(bool)
    names = [column.name for column in contract.columns]
    return served.loc[~served[contract.key].isin(table[contract.key]), names]
