"""Four rows of two days, as a table in many files."""

import pandas as pd

ROWS = pd.DataFrame(
    {
        "id": [1, 2, 3, 4],
        "x": [0.5, None, 2.5, 3.5],
        "region": ["north", "north", "south", "south"],
        "day": ["2024-01-01", "2024-01-01", "2024-01-01", "2024-01-02"],
    }
)
