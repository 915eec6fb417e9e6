"""The words of the training cards."""

from typing import Any

from shared.schema.violations import Violation
from shared.sections.answers import Action
from shared.sections.training import Train
from shared.settings import Settings
from shared.tasks.metrics import Score
from shared.training import cards
from tests.card_words import card_words

FACTS: dict[str, Any] = {
    "source": "loans.parquet",
    "rows": 3_000,
    "version": None,
    "from": "2024-01-01 02:50:00+00:00",
    "to": "NaT",
    "share positive": 0.42071,
    "missing": {"income": 0.05, "age": 0.0},
    "per_day": {"2024-01-01": 40, "2024-01-02": 30},
}
METRICS = ("roc_auc", "average_precision", "log_loss", "brier", "calibration_error")


def test_a_good_source_s_card_says_that_the_data_is_loaded() -> None:
    assert card_words(cards.data(FACTS, [])) == [
        "# ✔ Data loaded",
        "3,000 rows from `loans.parquet`.",
        "**source** | loans.parquet",
        "**rows** | 3,000",
        "**from** | 2024-01-01 02:50 UTC",
        "**to** | —",
        "**share positive** | 42.1%",
        "## Contract",
        "Every row meets the contract.",
        "## Rows and missing values",
    ]


def test_a_sample_s_card_says_of_how_many_rows_it_is() -> None:
    sample = {"sample": "3,000 of 9,000 rows, evenly over time", "share sampled": 1 / 3}
    shown = card_words(cards.data(FACTS | sample, []))
    assert shown[2] == "A sample, by [train] rows: 3,000 of 9,000 rows, evenly over time."
    assert "**sample** | 3,000 of 9,000 rows, evenly over time" in shown
    assert "**share sampled** | 33.3%" in shown


def test_a_broken_source_s_card_lists_every_violation() -> None:
    violation = Violation(
        column="age", problem="outside 18 to 120", rows=3, share=0.001, examples=("200", "7")
    )
    shown = card_words(cards.data(FACTS, [violation]))
    assert shown[0] == "# ✖ The source breaks its contract"
    assert "age | outside 18 to 120 | 3 | 0.10% | 200, 7 | yes" in shown


def test_of_very_many_violations_those_that_stop_the_run_are_among_the_first() -> None:
    many = [
        Violation(column=f"c{at}", problem="missing", rows=3, share=0.001, enforced=at == 40)
        for at in range(41)
    ]
    shown = card_words(cards.data(FACTS, many))
    first = shown.index("Column | Problem | Rows | Share | Examples | Stops the run") + 1
    assert shown[first].startswith("c40 | missing | ")
    assert shown[first + 30] == "And 11 more."


def test_of_very_many_columns_the_picture_has_the_highest_missing_rates() -> None:
    facts = FACTS | {"missing": {f"c{at}": at / 50 for at in range(50)}}
    (_, right) = cards._rows_and_missing(facts).axes
    assert [label.get_text() for label in right.get_yticklabels()] == [
        f"c{at}" for at in range(20, 50)
    ]
    assert right.get_title(loc="left") == "Missing rate (the 30 highest of 49 columns)"


def test_the_leaderboard_names_the_leader_and_why_another_failed(settings: Settings) -> None:
    fitted = {"candidate": "forest", "error": None, "seconds": 1.5}
    fitted["scores"] = dict.fromkeys(METRICS, Score(0.5, 0.4, 0.6))
    failed = {"candidate": "broken", "error": "out of luck", "seconds": 0.1, "scores": None}
    shown = card_words(cards.leaderboard([fitted, failed], settings, done=True))
    score = "0.5000 [0.4000, 0.6000]"
    assert shown == [
        "# ✔ forest leads",
        "Ranked by log loss on the validation rows, with 95% bootstrap intervals.",
        "Candidate | State | ROC AUC | average precision | log loss | Brier score | "
        "calibration error",
        f"forest | fitted in 1.5\N{NO-BREAK SPACE}s | {' | '.join([score] * 5)}",
        f"broken | failed in 0.1\N{NO-BREAK SPACE}s | {' | '.join(['—'] * 5)}",
        "## broken failed\n\n```\nout of luck\n```",
    ]


def test_the_leaderboard_says_by_what_rows_were_weighed(settings: Settings) -> None:
    weighed = settings.model_copy(update={"train": Train(weigh_by="amount")})
    result = {"candidate": "a", "seconds": 1.0, "error": None, "scores": None, "rule": None}
    assert card_words(cards.leaderboard([result], weighed, done=True))[1].endswith(
        "They learnt from rows weighed by amount; here rows count alike."
    )
    # By propensity, metrics weigh rows, too.
    by_chance = Train(weights="inverse_propensity")
    acting = settings.model_copy(update={"action": Action(), "train": by_chance})
    assert "count alike" not in card_words(cards.leaderboard([result], acting, done=True))[1]


def test_the_leaderboard_says_of_a_sample_how_many_rows_each_learnt_from(
    settings: Settings,
) -> None:
    one = {"candidate": "sgd", "seconds": 1.0, "scores": None, "error": None, "learnt": 12_345}
    results = [one, {**one, "candidate": "forest", "learnt": 600}]
    shown = card_words(cards.leaderboard(results, settings, done=True))
    assert [line.split(" | ")[:3] for line in shown[2:5]] == [
        ["Candidate", "State", "Learnt from"],
        ["sgd", "fitted in 1.0\N{NO-BREAK SPACE}s", "12,345 rows"],
        ["forest", "fitted in 1.0\N{NO-BREAK SPACE}s", "600 rows"],
    ]
    whole = card_words(
        cards.leaderboard([{**each, "learnt": None} for each in results], settings, done=True)
    )
    assert "Learnt from" not in whole[2]


def test_trials_stand_on_the_leaderboard_with_their_parameters_and_rows(settings: Settings) -> None:
    fitted = {"candidate": "forest-1", "error": None, "seconds": 1.5, "params": {"depth": 3}}
    fitted |= {"scores": {"log_loss": Score(0.5, 0.4, 0.6)}, "rows": None}
    early = fitted | {"candidate": "forest-2", "params": {"depth": 9}, "rows": 1_000}
    failed = fitted | {"candidate": "forest-3", "error": "out of luck", "scores": None}
    written = fitted | {"candidate": "forest", "params": None}
    results = [fitted, written, early, failed, failed | {"candidate": "forest-4"}]
    shown = card_words(cards.leaderboard(results, settings, done=True))
    score, space = "0.5000 [0.4000, 0.6000]", "\N{NO-BREAK SPACE}"
    assert shown[1:] == [
        "Ranked by log loss on the validation rows, with 95% bootstrap intervals. Trials that were "
        "fitted on fewer rows went no further, and come after.",
        "Candidate | State | Parameters | log loss",
        f"forest-1 | fitted in 1.5{space}s | depth = 3 | {score}",
        f"forest | fitted in 1.5{space}s | — | {score}",
        f"forest-2 | fitted on 1,000 rows in 1.5{space}s | depth = 9 | {score}",
        f"forest-3 | failed in 1.5{space}s | depth = 3 | —",
        f"forest-4 | failed in 1.5{space}s | depth = 3 | —",
        "## forest-3, forest-4 failed\n\n```\nout of luck\n```",
    ]
