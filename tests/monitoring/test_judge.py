"""A window, judged: an ordinary one is ok, and every odd one has its own words."""

import numpy as np
import pandas as pd

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.monitoring.windows import scope
from shared.settings import Settings
from tests.monitoring.traffic import week, words


def test_an_ordinary_week_is_ok(judged, bundle: Bundle) -> None:
    verdict = judged(week())
    assert (verdict.level, verdict.reasons) == ("ok", ())
    assert verdict.words == "Ok: nothing exceeded its threshold"
    assert verdict.notes == ()
    assert (verdict.rows, verdict.bundle) == (233, bundle.digest)
    assert verdict.start.startswith("2024-04-01T")
    assert verdict.until.startswith("2024-04-07T")


def test_an_empty_column_is_a_lost_feed_told_once(judged) -> None:
    verdict = judged(week().assign(income=np.nan))
    assert words(verdict)[0] == ("act", "income is empty: its feed is lost")
    # Here the contract forbids the gaps as well.
    verdict = judged(week().assign(region=None))
    assert words(verdict)[0] == ("act", "region is empty: its feed is lost")
    assert not [what for _, what in words(verdict)[1:] if "region" in what]


def test_a_lost_order_is_a_proven_loss_of_quality(judged) -> None:
    frame = week().assign(probability=lambda f: 0.9 - 0.8 * f["defaulted"].fillna(0))
    assert ("act", "quality") in [(r.level, r.stage) for r in judged(frame).reasons]


def test_one_row_is_too_few_to_judge_by_shares(judged) -> None:
    verdict = judged(week().tail(1).assign(income=np.nan, guarantee=None))
    assert (verdict.level, verdict.state) == ("watch", "too few rows")
    assert verdict.words == "Watch: too few rows to judge"
    assert "Columns are judged from 100 rows up." in verdict.notes[0]
    broken = judged(week().tail(1).assign(age=200))
    assert words(broken) == [("act", "age: outside 18 to 120 (200)")]


def test_no_log_is_told(judged, log: PredictionLog, settings: Settings, bundle: Bundle) -> None:
    verdict = judged(scope.plan(settings, bundle, None, None))
    assert (verdict.level, verdict.state) == ("watch", "no log")
    assert "There is no prediction in sqlite:" in verdict.notes[0]


def test_an_empty_file_is_an_empty_window(judged) -> None:
    verdict = judged(week().iloc[:0])
    assert (verdict.words, verdict.start) == ("Watch: the file has no rows", None)


def test_what_costs_quality_is_as_serious_as_the_loss_and_named_before_it(judged) -> None:
    frame = week().assign(probability=lambda f: 0.9 - 0.8 * f["defaulted"].fillna(0))
    reasons = judged(frame).reasons
    assert {r.level for r in reasons if r.stage in ("predictions", "quality")} == {"act"}
    assert [r.stage for r in reasons][:2] == ["answers", "predictions"]


def test_a_loss_is_not_laid_at_the_door_of_how_many_rows_came(judged) -> None:
    twice = pd.concat([week(), week()]).assign(loan=lambda f: range(len(f)))
    frame = twice.assign(probability=lambda f: 0.9 - 0.8 * f["defaulted"].fillna(0))
    levels = {r.what: r.level for r in judged(frame).reasons if r.stage == "feed"}
    assert set(levels.values()) == {"watch"}
