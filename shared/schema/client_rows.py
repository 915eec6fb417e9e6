"""Rows as a client sends them."""

from typing import Any

import pandas as pd

from shared.schema.contract import Contract


def client_rows(frame: pd.DataFrame, contract: Contract) -> list[dict[str, Any]]:
    """Return the rows as a client would send them: key, time and features; missing is null."""
    columns = [contract.key, contract.time, *contract.features]
    sent = frame[columns].astype(object)
    for name in [name for name in columns if contract[name].type == "time"]:
        moments = pd.to_datetime(frame[name], utc=True)
        sent[name] = moments.map(lambda moment: moment.isoformat(), na_action="ignore")
    records = sent.to_dict("records")
    return [{str(n): None if pd.isna(v) else v for n, v in row.items()} for row in records]
