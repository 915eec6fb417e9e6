"""How far new cars went on a gallon, by model year from 1970 to 1982.

From the `vega-datasets` package (MIT), which carries the cars of Donoho and Ramos (StatLib, 1982).
"""

import pandas as pd

from shared.errors import Refusal


def table() -> pd.DataFrame:
    """Return a row per car: 406 rows, ordered by model year.

    `car` is the key, `model_year` the first of January of the year, as the table has it (none is
    of 1981: these stand with 1982), `miles_per_gallon` the target, missing for 8. Cubic inches,
    pounds, and seconds to 60 miles an hour.
    """
    try:
        from vega_datasets import local_data
    except ModuleNotFoundError:
        raise Refusal("the cars need their data: pip install vega-datasets==0.9.0") from None
    cars = local_data.cars().rename(columns=str.lower)
    year = pd.to_datetime(cars["year"], utc=True)
    within = cars.groupby(["year", "name"]).cumcount() + 1
    key = year.dt.strftime("%Y ") + cars["name"] + within.map(lambda number: f" {number}")
    return cars.rename(columns={"weight_in_lbs": "weight"}).assign(
        car=key, model_year=year, year=year.dt.year, make=cars["name"].str.split().str[0]
    )
