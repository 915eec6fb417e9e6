"""How many minutes late each flight of 2013 arrived, from the flights' tables."""

import pandas as pd
from problems.flights import source as flights


def table() -> pd.DataFrame:
    """Return a row per scheduled flight, as `problems.flights` has it, with `minutes_late`.

    It is below zero for a flight that arrived early, and missing for a cancelled or diverted one.
    """
    return flights.scheduled(minutes_late=flights.read_flights()["arr_delay"])
