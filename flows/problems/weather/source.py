"""The weather of each day in Seattle from 2012 to 2015, as a station measured and named it.

From the `vega-datasets` package (MIT), which carries it; the records are NOAA's, which are free of
rights. From April 2013 on most wet days are named fog, which were rain or drizzle until then.
"""

import pandas as pd

from shared.errors import Refusal


def table() -> pd.DataFrame:
    """Return a row per day: 1,461 rows, ordered by time.

    `day` is the key, `date` its midnight in UTC, `weather` one of drizzle, fog, rain, snow and sun.
    Millimetres, °C and metres a second.
    """
    try:
        from vega_datasets import local_data
    except ModuleNotFoundError:
        raise Refusal("the weather needs its data: pip install vega-datasets==0.9.0") from None
    days = local_data.seattle_weather()
    dates = pd.to_datetime(days["date"], utc=True)
    return days.assign(day=dates.dt.strftime("%Y-%m-%d"), date=dates, month=dates.dt.month)
