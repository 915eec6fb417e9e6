"""Evidence that adds up: three windows at two and a half deviations are proof, and one is not."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from scipy import stats

from shared.model.evaluation import ScoreVariation, TraitVariation
from shared.model.verdict import Evidence, Verdict
from shared.monitoring import evidence
from shared.monitoring.case import Case
from shared.tasks import traits
from shared.tasks.outcome_statistics import Trait
from shared.training.judging import trait_variation

MONDAY, WEEK = datetime(2024, 4, 1, tzinfo=UTC), timedelta(days=7)
RATE = 0.01


def varies(spread: float = 0.1, blocks: int = 40, day: float = 0.1) -> tuple[ScoreVariation, ...]:
    return tuple(
        ScoreVariation(
            hours=hours,
            blocks=blocks,
            spread={},
            worst={},
            traits={"slope": TraitVariation(mean=1.0, spread=each, blocks=blocks)},
        )
        for hours, each in ((24, day), (168, spread))
    )


def case_of(
    number: int,
    known: tuple[ScoreVariation, ...] = varies(),
    bundle: str = "a",
    days: int = 7,
    gap: float = 0.0,
) -> Case:
    start = MONDAY + number * WEEK
    made: Any = SimpleNamespace(
        start=start,
        gap=gap,
        until=start + timedelta(days=days),
        bundle=SimpleNamespace(digest=bundle, evaluation=SimpleNamespace(varies=known)),
        scope=SimpleNamespace(source="log"),
        baseline=SimpleNamespace(false_alarms=RATE),
        monitor=SimpleNamespace(minimum_outcomes=200),
    )
    return cast(Case, made)


def verdict_of(case: Case, found: tuple[Evidence, ...]) -> Verdict:
    assert case.start
    assert case.until
    return Verdict.model_validate(
        {
            "level": "ok",
            "words": "",
            "reasons": [],
            "next_action": "",
            "state": "judged",
            "problem": "loans",
            "bundle": case.bundle.digest,
            "source": case.scope.source,
            "start": case.start.isoformat(),
            "until": case.until.isoformat(),
            "rows": 900,
            "other_rows": 0,
            "judged_at": case.until.isoformat(),
            "evidence": found,
        }
    )


def followed(*values: float, side: int = -1, few: int | None = None, **more: Any) -> list[Evidence]:
    done: list[Verdict] = []
    for number, value in enumerate(values):
        case = case_of(number, **more)
        found = evidence.add_up({"slope": Trait(value, 0.02, side)}, case, 168, done, few=few)
        done.append(verdict_of(case, found))
    return [one.evidence[0] for one in done]


def test_three_weeks_at_two_and_a_half_deviations_are_proof_and_one_is_not() -> None:
    low = 1 - 2.5 * np.hypot(0.1, 0.02)
    found = followed(low, low, low)
    assert [one.windows for one in found] == [1, 2, 3]
    assert found[0].excess < 1
    assert found[2].excess > 1
    assert found[2].since == MONDAY.isoformat()
    assert found[0].since is None


def test_more_than_history_had_is_nothing_wrong_of_a_slope_and_is_of_what_has_two_sides() -> None:
    assert followed(2.0)[0].excess < 0
    assert followed(2.0, side=0)[0].excess > 1
    assert followed(2.0, side=1)[0].excess > 1


def test_what_chance_made_of_the_history_s_mean_widens_the_reach() -> None:
    def reach(error: float) -> float:
        known = TraitVariation(mean=1.0, spread=0.0, blocks=39, error=error)
        span = ScoreVariation(hours=168, blocks=39, spread={}, worst={}, traits={"slope": known})
        return followed(1.0, known=(span,))[0].reach

    assert reach(0.2) / reach(0.0) == pytest.approx(np.hypot(0.02, 0.2 / np.sqrt(20)) / 0.02)


def test_windows_of_nearly_separable_classes_are_no_loss() -> None:
    """Of 400 histories of nine spans and a window like them, of which one row is ever wrong."""
    rng = np.random.default_rng(0)

    def span() -> Trait:
        odds = rng.normal(1, 6, 39)
        chance = 1 / (1 + np.exp(-odds))
        outcome = (rng.random(39) < chance).astype("float64")
        return traits.calibration_slope(chance, 1 - outcome, outcome)

    alarms = 0
    for _ in range(400):
        hours = np.arange(9)[:, None] * 168.0 + [0, 168]
        known = trait_variation.vary([span() for _ in range(9)], hours)
        assert known
        spans = (ScoreVariation(hours=168, blocks=9, spread={}, worst={}, traits={"slope": known}),)
        alarms += evidence.add_up({"slope": span()}, case_of(0, spans), 168, [])[0].excess > 1
    assert alarms <= 2


def test_only_the_last_windows_count_so_that_an_old_calm_hides_nothing() -> None:
    found = followed(*[1.0] * 20, 0.6, 0.6, 0.6)
    assert found[-4].excess < 0.1
    assert found[-1].windows == evidence.WINDOWS
    assert found[-1].excess > 1


def test_windows_of_another_bundle_or_source_or_that_overlap_or_are_long_past_do_not_count() -> (
    None
):
    found = evidence.add_up({"slope": Trait(0.9, 0.02, -1)}, case_of(0), 168, [])
    before = verdict_of(case_of(0), found)
    assert len(evidence.windows_before(case_of(1), [before])) == 1
    for case in (case_of(1, bundle="b"), case_of(0), case_of(3)):
        assert evidence.windows_before(case, [before]) == []
    elsewhere = before.model_copy(update={"source": "file"})
    older = before.model_copy(update={"evidence": ()})
    assert evidence.windows_before(case_of(1), [elsewhere, older]) == []


def test_a_window_that_is_judged_daily_takes_those_before_it_that_do_not_overlap() -> None:
    done: list[Verdict] = []
    for day in range(15):
        case = case_of(0)
        start = MONDAY + timedelta(days=day)
        case.start, case.until = start, start + WEEK  # type: ignore[misc]
        found = evidence.add_up({"slope": Trait(0.9, 0.02, -1)}, case, 168, done)
        done.append(verdict_of(case, found))
    assert [one.evidence[0].windows for one in done] == [1] * 7 + [2] * 7 + [3]


def test_what_an_older_bundle_does_not_know_is_no_evidence() -> None:
    known = tuple(span.model_copy(update={"traits": {}}) for span in varies())
    assert evidence.add_up({"slope": Trait(0.1, 0.02, -1)}, case_of(0, known), 168, []) == ()
    strange = {"slope": Trait(float("nan"), 0.0, -1)}
    assert evidence.add_up(strange, case_of(0), 168, []) == ()


def test_few_long_spans_vary_at_least_as_shorter_ones_even_out() -> None:
    (alone,) = followed(1.0, known=varies(spread=0.0, day=0.0))
    (evened,) = followed(1.0, known=varies(spread=0.0, day=0.5))
    assert alone.reach == pytest.approx(stats.t.isf(RATE / 6, 40) * 0.02)
    between = 0.5 * np.sqrt(24 / 168 / 2) * np.sqrt(1 + 2 / 41)
    assert evened.reach == pytest.approx(stats.t.isf(RATE / 6, 40) * np.hypot(between, 0.02))


def test_what_was_seen_to_wander_widens_the_reach_with_the_gap() -> None:
    calm, wandering = varies(), varies()
    wandering = tuple(
        span.model_copy(
            update={
                "traits": {
                    name: trait.model_copy(update={"wander": 0.01 / 168, "gap": 1_680.0})
                    for name, trait in span.traits.items()
                }
            }
        )
        for span in calm
    )
    (at_once,) = followed(1.0, known=wandering)
    (later,) = followed(1.0, known=wandering, gap=840)
    assert at_once.reach == followed(1.0, known=calm)[0].reach
    quantile = stats.t.isf(RATE / 6, 40)
    assert (later.reach / quantile) ** 2 - (at_once.reach / quantile) ** 2 == pytest.approx(0.05)


def test_beyond_what_was_tried_the_reach_grows_as_a_walk_does() -> None:
    tried = tuple(
        span.model_copy(
            update={
                "traits": {
                    name: trait.model_copy(update={"gap": 840.0})
                    for name, trait in span.traits.items()
                }
            }
        )
        for span in varies()
    )
    reach = [followed(1.0, known=tried, gap=gap)[0].reach for gap in (0, 840, 1_680, 4_200)]
    quantile = stats.t.isf(RATE / 6, 40)
    assert reach[0] == reach[1]
    more = [(each / quantile) ** 2 - (reach[0] / quantile) ** 2 for each in reach[2:]]
    # A tenth of deviation, whose square is known to a third from some twenty spans that are apart.
    variance = 0.01 * (1 + (2 / 19.5) ** 0.5)
    assert more == pytest.approx([variance, 4 * variance])
    assert evidence.tried_gap(case_of(0, tried), 168) == 840


def test_what_few_spans_did_not_vary_by_they_may_later_by_as_much_as_their_chance() -> None:
    still = tuple(
        span.model_copy(
            update={
                "traits": {
                    name: trait.model_copy(update={"spread": 0.0, "error": 0.1})
                    for name, trait in span.traits.items()
                }
            }
        )
        for span in varies(blocks=5)
    )
    at_once, later = (followed(1.0, known=still, gap=gap)[0].reach for gap in (0, 840))
    quantile = stats.t.isf(RATE / 6, 5)
    more = (later / quantile) ** 2 - (at_once / quantile) ** 2
    # Three spans are apart: of a variance of theirs the standard error is as large as it is.
    assert more == pytest.approx(4 * 0.1**2)


@pytest.mark.parametrize("weeks", [52])
def test_a_year_of_ordinary_weeks_alarms_as_rarely_as_was_asked(weeks: int) -> None:
    rng, alarms = np.random.default_rng(0), []
    for _ in range(60):
        history = rng.normal(1, 0.1, 20)
        spans = varies(spread=float(history.std(ddof=1)), blocks=39, day=0.0)
        mean = float(history.mean())
        known = tuple(
            span.model_copy(
                update={"traits": {"slope": span.traits["slope"].model_copy(update={"mean": mean})}}
            )
            for span in spans[1:]
        )
        year = followed(*rng.normal(1, 0.1, weeks), known=known)
        alarms += [one.excess > 1 for one in year]
    assert np.mean(alarms) <= RATE


def test_what_is_tolerated_is_added_for_how_many_come_true_alone() -> None:
    traits = {"slope": Trait(0.9, 0.02, 0, ratio=True)}
    (strict,) = evidence.add_up(traits, case_of(0), 168, [])
    (tolerant,) = evidence.add_up(traits, case_of(0), 168, [], tolerated=0.4)
    assert tolerant.reach == pytest.approx(strict.reach + 0.4)
    sided = {"slope": Trait(0.9, 0.02, -1)}
    assert evidence.add_up(sided, case_of(0), 168, [], tolerated=0.4) == evidence.add_up(
        sided, case_of(0), 168, []
    )


def test_windows_that_are_not_to_be_believed_tell_nothing_of_the_next() -> None:
    odd = {"slope": Trait(0.8, 0.02, -1)}
    before = verdict_of(case_of(0), evidence.add_up(odd, case_of(0), 168, []))
    usual = {"slope": Trait(1.0, 0.02, -1)}
    for believable, windows in ((True, 2), (False, 1)):
        old = before.model_copy(update={"believable": believable})
        assert evidence.add_up(usual, case_of(1), 168, [old])[0].windows == windows


def test_after_a_week_that_was_proof_by_itself_the_sum_begins_anew() -> None:
    """Three weak weeks still prove together, and go on to; a strong week proves itself once."""
    strong, weak = 0.2, 1 - 2.5 * float(np.hypot(0.1, 0.02))
    found = followed(1.0, 1.0, strong, 1.0, 1.0, 1.0)
    assert [(one.windows, one.excess > 1) for one in found[2:]] == [
        (3, True),
        (1, False),
        (2, False),
        (3, False),
    ]
    lasting = followed(1.0, strong, weak, 1.0, weak, weak, weak)
    alarms = [one.excess > 1 for one in lasting]
    assert alarms == [False, True, True, False, False, False, True]
    assert [one.windows for one in lasting[2:]] == [3, 2, 3, 3, 3]
    assert all(one.excess > 1 for one in followed(*[weak] * 6)[2:])


def test_a_week_that_calm_ones_hid_is_told_with_the_next() -> None:
    hidden = 1 - 3.8 * float(np.hypot(0.1, 0.02))
    found = followed(1.0, 1.0, hidden, hidden)
    assert [one.excess > 1 for one in found] == [False, False, False, True]
    assert found[-1].windows == 3


def test_windows_of_few_outcomes_are_proof_once_they_have_enough_together() -> None:
    one, two, three = followed(0.0, 0.0, 0.0, few=90)
    assert (one.open, two.open, three.open) == (True, True, False)
    assert (one.excess, two.excess) == (0, 0)
    assert three.excess > 1
    assert not any(found.excess > 1 for found in followed(0.0, 0.0, 0.0, few=66))


def test_windows_shorter_than_any_span_that_is_known_vary_more_than_it() -> None:
    week, half = varies()[1:], tuple(one.model_copy(update={"hours": 336}) for one in varies()[1:])
    (of_week,), (of_half,) = followed(1.0, known=week), followed(1.0, known=half)
    assert of_half.reach == pytest.approx(of_week.reach * 2**0.5, rel=0.01)


def test_that_few_spans_of_few_outcomes_did_not_vary_may_be_chance() -> None:
    """After some weeks a mean wanders as far as they could not tell."""
    trait = TraitVariation(mean=1.0, spread=0.0, blocks=5, error=0.1)
    known = (ScoreVariation(hours=168, blocks=5, spread={}, worst={}, traits={"slope": trait}),)
    (many,), (few,) = (followed(0.0, known=known, few=few, gap=2_016.0) for few in (None, 150))
    assert few.reach > 1.5 * many.reach
