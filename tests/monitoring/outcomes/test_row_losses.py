"""What rows of a window have cost."""

import numpy as np

from shared.model.bundle import Bundle
from shared.monitoring.outcomes.row_losses import row_losses
from shared.settings import Settings
from tests.monitoring.traffic import read_case, week


def test_a_row_costs_what_its_answer_is_off_by_and_nothing_without_an_outcome(
    bundle: Bundle, settings: Settings
) -> None:
    some = week().assign(defaulted=lambda f: f["defaulted"].where(f.index % 2 > 0))
    case = read_case(some, bundle, settings)
    sample, lost = case.profile.sample, row_losses(case)
    known = sample["outcome"].notna()
    given = sample["probability"].where(sample["outcome"] == 1, 1 - sample["probability"])
    assert np.all(lost[~known] == 0)
    assert np.allclose(lost[known], 1 - given[known])
    unanswered = read_case(week().drop(columns="defaulted"), bundle, settings)
    assert not row_losses(unanswered).any()
