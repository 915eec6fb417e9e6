"""The origin of the rehearsal's rows: a table of flights in PostgreSQL, some of them wrong."""

import io

import pandas as pd
import psycopg
from problems.flights import source

QUERY = "SELECT * FROM flights WHERE scheduled >= :since ORDER BY scheduled, flight_id"
TABLE = """
CREATE TABLE flights (
  flight_id text PRIMARY KEY, scheduled timestamptz NOT NULL,
  scheduled_hour smallint, scheduled_minute smallint, weekday char(3), carrier varchar(2),
  origin varchar(3), dest varchar(3), distance numeric(7, 1),
  temp double precision, dewp double precision, humid double precision,
  wind_dir double precision, wind_speed double precision, wind_gust double precision,
  precip real, pressure double precision, visib double precision,
  plane_year integer, seats integer, engines smallint, late boolean
)
"""
# Of the first rows, by their place: what no contract lets pass.
WRONG = {3: ("humid", 180.0), 5: ("humid", 250.0), 8: ("distance", -5.0)}
WHOLE = ["plane_year", "seats", "engines"]


def rows(start: str, end: str) -> pd.DataFrame:
    """Return the flights of a span, all of them right."""
    table = source.table()
    within = table["scheduled"].between(start, end, inclusive="left")
    return table[within].reset_index(drop=True)


def fill(address: str, start: str, end: str) -> None:
    """Make the table, and copy the flights of a span into it."""
    table = rows(start, end).astype(dict.fromkeys(WHOLE, "Int64"))
    for place, (name, value) in WRONG.items():
        table.loc[place, name] = value
    written = io.StringIO()
    table.to_csv(written, index=False)
    copy = "COPY flights FROM STDIN WITH (FORMAT csv, HEADER)"
    plain = address.replace("+psycopg", "")
    with psycopg.connect(plain) as connection, connection.cursor() as cursor:
        cursor.execute(TABLE)
        with cursor.copy(copy) as copying:
            copying.write(written.getvalue())
