"""What became of each flight of 2013: on time, late, cancelled or diverted."""

import numpy as np
import pandas as pd
from problems.flights import source as flights


def table() -> pd.DataFrame:
    """Return a row per scheduled flight, as `problems.flights` has it, with its `fate`.

    8,255 flights were cancelled, and 1,175 diverted: these never arrived where they were to.
    """
    known = flights.read_flights()
    delay = known["arr_delay"]
    conditions = [known["dep_time"].isna(), delay.isna(), delay.gt(flights.LATE_MINUTES)]
    fate = np.select(conditions, ["cancelled", "diverted", "late"], "on time")
    return flights.scheduled(fate=pd.Series(fate, known.index))
