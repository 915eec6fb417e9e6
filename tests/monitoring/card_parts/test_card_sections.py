"""The parts of the summary card: whole rows of words and numbers, or nothing to show."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

from shared.baseline.statistics import Statistic
from shared.log.refused_rows import BODY, RowFault
from shared.model.verdict import ChallengerComparison, Verdict
from shared.monitoring.card_parts import card_sections
from shared.monitoring.findings import Findings
from shared.monitoring.input_checks.detection import Deviation
from shared.monitoring.outcomes.losses import Loss
from shared.monitoring.outcomes.quality import Quality
from shared.monitoring.outcomes.refused_outcomes import RefusedOutcomes
from shared.monitoring.service import Service
from shared.schema.contract import Contract
from shared.tasks.binary.binary_task import Binary
from shared.tasks.metrics import Score
from tests.card_words import card_words
from tests.monitoring.wording.test_evidence_reasons import SLOPE

FINE = Quality("not due", 500, 40, 0, None, None, 0.2, {}, {}, {}, (), ())
CALM = Service(10, 1_000, 4_000, 3, 2, 2.0, 9.0, 1, (("bad_row", 3), ("internal", 2)))


def test_each_column_is_shown_once_by_the_check_that_is_the_farthest_away() -> None:
    far = Deviation(Statistic("values", "income"), 0.4, 0.1, 0.05, 168, 16)
    near = Deviation(Statistic("distance", "income"), 0.2, 0.1, 0.05, 168, 16)
    other = Deviation(Statistic("missing", "age"), 0.01, 0.02, None, None, None)
    found = cast(Findings, _Measured((far, near, other)))
    assert card_words(card_sections.deviations(found)) == [
        "## Distance from the baseline, in thresholds\n\n"
        "The 2 columns farthest from the baseline, each by its strongest check.",
        "Column | Check | Value | Threshold | Baseline",
        "income | values | 40% | 10% | "
        "in 16 spans of 7 days of the model's history it was at most 5%",
        "age | missing | 1% | 2% | the history is too short to learn more than chance",
    ]
    assert card_sections.deviations(cast(Findings, _Measured(()))) == []


class _Measured:
    def __init__(self, deviations: tuple[Deviation, ...]) -> None:
        self.deviations = deviations


def test_quality_without_outcomes_has_what_is_expected_and_what_is_due() -> None:
    expected: Any = {"log_loss": Score(0.49, 0.45, 0.53)}
    lines = card_words(card_sections.quality(replace(FINE, expected=expected), Binary()))
    assert "**rows due** | 500" in lines
    assert "**share with an outcome** | 0.0%" in lines
    assert "**not due yet** | 40" in lines
    assert lines[-1] == "log loss | — | — | 0.4900 [0.4500, 0.5300]"


def test_losses_are_shown_with_the_largest_in_thresholds_first() -> None:
    small = Loss("roc_auc", 0.7, 0.75, 0.05, 0.1, 0.03, 168, 16)
    large = replace(small, metric="bias", now=0.3, expected=0.2, loss=0.1, slice="region = south")
    late = replace(small, metric="share", of="late", loss=0.04)
    losses = (small, large, late, replace(late, metric="bias", loss=0.02))
    lines = card_words(card_sections.quality(replace(FINE, losses=losses), Binary()))
    assert lines[-5:] == [
        "Rows | Metric | Now | Expected | Loss | Threshold",
        "region = south | share of true outcomes (by how much it is off) | 0.3 | 0.2 | 0.1 | 0.1",
        "all rows | ROC AUC | 0.7 | 0.75 | 0.05 | 0.1",
        "all rows | share of 'late' (by how many times as many came) | 0.7 | 0.75 | 0.04 | 0.1",
        "all rows | share of 'late' (by how much it is off) | 0.7 | 0.75 | 0.02 | 0.1",
    ]


def test_a_challenger_is_shown_metric_by_metric_once_outcomes_are_enough() -> None:
    half = Score(0.5, 0.4, 0.6)
    alike: Any = dict.fromkeys(Binary().judged, half)
    compared = ChallengerComparison("c" * 64, 900, 800, alike, alike, alike, ("roc_auc",), ())
    lines = card_words(card_sections.challengers([compared]))
    assert lines[0] == (
        "## Compared with the challenger cccccccccccc on the same rows\n\n"
        "The challenger cccccccccccc scored 900 of the same rows. "
        "On the 800 with an outcome it is better by ROC AUC (95% intervals)."
    )
    assert lines[1] == "Metric | This bundle | The challenger | Difference"
    assert lines[2].split(" | ") == ["ROC AUC", *[str(half)] * 3]
    few = replace(compared, own={}, theirs={}, differences={}, received=3)
    assert len(card_words(card_sections.challengers([few]))) == 1


def test_a_service_is_shown_with_what_it_refused_and_failed_by_kind() -> None:
    lines = card_words(card_sections.service(CALM))
    assert "**refused (4xx)** | 3" in lines
    assert "**refused and failed, by kind** | bad row 3, internal 2" in lines
    assert "**silent minutes** | 1" in lines
    fault = (("age", "outside 18 to 120"), RowFault(3, "17"))
    refusing = replace(CALM, refused_rows=40, row_faults=(fault, (BODY, RowFault(1))))
    lines = card_words(card_sections.service(refusing))
    assert "**rows of refused requests** | 40" in lines
    assert lines[-3:] == [
        "Column | What was wrong | Rows | Such as",
        "age | outside 18 to 120 | 3 | 17",
        "the request | not readable as rows | 1 | —",
    ]
    assert card_words(card_sections.service(None)) == [
        "## Service\n\nA file says nothing about the service."
    ]
    assert card_words(card_sections.service(Service(0, 0, 0, 0, 0, None, None, 0))) == [
        "## Service\n\nThe log has no service minutes for this window."
    ]


def test_outcomes_that_were_refused_are_shown_with_what_was_wrong() -> None:
    fault = (("defaulted", "not a boolean"), RowFault(2, "'perhaps'"))
    noon = datetime(2024, 4, 1, 12, tzinfo=UTC)
    refused = RefusedOutcomes(3, noon, (fault, (BODY, RowFault(1))))
    contract = Contract(key="loan", time="at", target="defaulted", features=(), columns=())
    assert card_words(card_sections.refused_outcomes(refused, contract)) == [
        "## Outcomes that were refused\n\n"
        "3 outcomes were refused since 2024-04-01 12:00 UTC: defaulted was not a boolean in 2 of "
        "them ('perhaps') and what was sent could not be read in 1 of them.",
        "Column | What was wrong | Outcomes | Such as",
        "defaulted | not a boolean | 2 | 'perhaps'",
        "the request | not readable as rows | 1 | —",
    ]
    assert card_sections.refused_outcomes(None, contract) == []


def test_what_adds_up_is_shown_the_farthest_from_history_first() -> None:
    near = SLOPE.model_copy(update={"trait": "mean error", "mean": 1.1, "windows": 1})
    verdict = cast(Verdict, SimpleNamespace(evidence=(near, SLOPE)))
    assert card_words(card_sections.added_up(verdict)) == [
        "## Evidence over windows\n\n"
        "How outcomes follow the answers, over up to 3 windows in a row: what is chance in one is "
        "proof in three. The farthest from the model's history: the calibration slope fell to "
        "0.650 over 3 windows (history 1.160).",
        "Trait | This window | Mean over windows | History | In thresholds",
        "calibration slope | 0.700 | 0.650 (3) | 1.160 | 1.275",
        "mean error | 0.700 | 1.100 (1) | 1.160 | 0.15",
    ]
    assert card_sections.added_up(cast(Verdict, SimpleNamespace(evidence=()))) == []
