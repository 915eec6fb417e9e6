"""Of fewer rows than columns are judged from, what these prove is told all the same."""

import numpy as np
import pandas as pd
import pytest

from shared.model.bundle import Bundle
from shared.monitoring import findings
from shared.monitoring.input_checks import few_rows
from shared.settings import Settings
from tests.monitoring.traffic import read_case, week, words


def few(rows: int = 40) -> pd.DataFrame:
    """Return the first rows of a week, as in a few days of a small business."""
    return week(1_000).sort_values("applied").head(rows).reset_index(drop=True)


def test_few_ordinary_rows_prove_nothing(judged) -> None:
    for rows in (5, 20, 60, 99):
        verdict = judged(week().head(rows))
        assert (verdict.state, verdict.reasons) == ("too few rows", ())


@pytest.mark.parametrize(
    ("change", "level", "what"),
    [
        (lambda f: f.assign(income=np.nan), "act", "income is empty: its feed is lost"),
        (lambda f: f.assign(age=41), "act", "age is stuck"),
        (
            lambda f: f.assign(income=f["income"] * 1e6),
            "act",
            "income is far outside its range: ",
        ),
        (
            lambda f: pd.concat([f, f], ignore_index=True),
            "watch",
            "50.0% of the rows repeat a key",
        ),
    ],
)
def test_what_nearly_all_of_few_rows_have_wrong_is_told(
    judged, change, level: str, what: str
) -> None:
    verdict = judged(change(few()))
    assert verdict.state == "too few rows"
    first = words(verdict)[0]
    assert (first[0], first[1][: len(what)]) == (level, what)
    assert "Of fewer it is told only where nearly all values" in verdict.notes[0]


def test_one_value_is_no_proof_where_most_have_it_or_rows_are_too_few(
    bundle: Bundle, settings: Settings
) -> None:
    for rows in (few(4).assign(age=41), few(6).assign(employed=True)):
        found = findings.find(read_case(rows, bundle, settings))
        assert (found.state, found.deviations) == ("too few rows", ())
    assert few_rows.proven_repeats(None, bundle.baseline, 40) is None
