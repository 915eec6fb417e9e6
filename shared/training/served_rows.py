"""Rows that were served and have their outcome: what a model in production has taught since."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd

from shared.log.opening import opened_log
from shared.schema.contract import Contract, ContractColumn
from shared.settings import Settings

FIRST, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def served_contract(contract: Contract, settings: Settings) -> Contract:
    """Return a contract with the propensities that served rows have, where its table has none."""
    name = settings.propensity
    if name is None or name in contract.answered_as:
        return contract
    column = ContractColumn(name=name, type="number", nullable=True)
    return contract.model_copy(update={"columns": (*contract.columns, column)})


def labelled_rows(table: pd.DataFrame, contract: Contract, settings: Settings) -> pd.DataFrame:
    """Return the log's rows that have an outcome, but for keys that a table has already.

    Rows that were acted on have none, and are among them: what is asked is to be known by all of
    the rows. If an outcome came all the same, it is not known with which chance. Columns are named
    as the contract has them. Raises `Refusal` when the log cannot be read.
    """
    with opened_log(settings.name, contract) as log:
        found = log.predictions.window(FIRST, LAST)
    acted = np.zeros(len(found), bool)
    if contract.action:
        acted = found["action"].eq(True).to_numpy(bool)
        found["propensity"] = found["propensity"].mask(acted)
    served = found[(found["role"] != "challenger") & (found["outcome"].notna() | acted)]
    columns = {"key": contract.key, "time": contract.time, "outcome": contract.target}
    columns |= {answered: name for name, answered in contract.answered_as.items()}
    served = served.rename(columns=columns).drop_duplicates(contract.key, keep="last")
    if contract[contract.target].type == "boolean":
        # The log has 0 and 1, which a target with texts of its own does not know.
        served[contract.target] = served[contract.target].astype("boolean")
    if settings.train.weigh_by:
        served[settings.train.weigh_by] = np.nan
    names = [column.name for column in contract.columns]
    return served.loc[~served[contract.key].isin(table[contract.key]), names]
