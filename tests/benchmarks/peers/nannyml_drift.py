"""Tell of windows in how many columns NannyML's univariate drift alerts: folders in, JSON out.

A folder has `reference.parquet`, in time, `columns.json` (their names, and those of categories) and
folders of windows. Such a folder is named after the chunks that the reference is in: a number of
rows, or a period such as W. Each window is one chunk. A window that cannot be judged is null.
"""

import json
import sys
import warnings
from pathlib import Path

import nannyml
import pandas as pd
from nannyml.chunk import CountBasedChunker

warnings.simplefilter("ignore")


def alerts(calculator: nannyml.UnivariateDriftCalculator, file: Path) -> int | None:
    """Return the columns of a window in which any method alerts, as many as there are."""
    try:
        found = calculator.calculate(pd.read_parquet(file)).filter(period="analysis").to_df()
    except Exception:
        return None
    return int(found.xs("alert", axis=1, level=2).any(axis=0).groupby(level=0).any().sum())


def fitted(folder: Path, chunks: str) -> nannyml.UnivariateDriftCalculator:
    """Return a calculator with its own thresholds, from chunks of the reference."""
    names = json.loads((folder / "columns.json").read_text())
    given = {"chunk_size": int(chunks)} if chunks.isdigit() else {"chunk_period": chunks}
    calculator = nannyml.UnivariateDriftCalculator(
        column_names=names["columns"],
        treat_as_categorical=names["categories"],
        timestamp_column_name=names["time"],
        **given,
    )
    calculator.fit(pd.read_parquet(folder / "reference.parquet"))
    calculator.chunker = CountBasedChunker(1, timestamp_column_name=names["time"])
    return calculator


told = {}
for folder in sorted(Path(sys.argv[1]).iterdir()):
    told[folder.name] = {}
    for windows in sorted(each for each in folder.iterdir() if each.is_dir()):
        calculator = fitted(folder, windows.name)
        files = sorted(windows.iterdir())
        told[folder.name][windows.name] = [alerts(calculator, file) for file in files]
print(json.dumps(told))
