"""The words of an evaluation's card, and those that a training closes with."""

import pytest

from shared.model.bundle import Bundle
from shared.model.evaluation import (
    ExploredComparison,
    FeatureImportance,
    GateResult,
    OffPolicyComparison,
)
from shared.training import evaluation_card
from tests.card_words import card_words


def test_the_closing_words_name_who_failed_the_choice_and_the_next_command(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MILLRACE_PROBLEM", raising=False)
    results = [
        {"candidate": "boosting", "error": None},
        {"candidate": "broken", "error": "out of luck"},
    ]
    assert evaluation_card.closing_words(results, bundle.evaluation, "7") == [
        "candidate broken failed: out of luck",
        "boosting is chosen, and passed its gates",
        "next: make package",
    ]
    missed = GateResult(gate="roc_auc at least", limit=0.9, measured=0.7, passed=False)
    failed = bundle.evaluation.model_copy(update={"passed": False, "gates": (missed,)})
    monkeypatch.setenv("MILLRACE_PROBLEM", "../loans")
    assert evaluation_card.closing_words(results[:1], failed, "7") == [
        "boosting is chosen, and did not pass its gates (roc_auc at least 0.9: measured 0.700)",
        "a person may override them, giving a reason: "
        "make package PROBLEM=../loans ARGS='--train TrainFlow/7 --override \"…\"'",
        "next: improve the model or change the gates; make train PROBLEM=../loans",
    ]


def test_an_evaluation_s_card_opens_with_its_verdict_and_gates(bundle: Bundle) -> None:
    judged = bundle.evaluation
    shown = card_words(evaluation_card.evaluation(judged, bundle.contract))
    rows = f"**boosting** on {judged.rows:,} held-out rows, "
    assert shown[0] == "# ✔ May be packaged"
    assert shown[1].startswith(rows)
    assert shown[1].endswith(" of them positive. All gates passed.")
    assert shown[3].startswith(
        "gain in log loss over the baseline (lower end of the 95% interval) above | 0 | "
    )
    assert "Metric | Model | Baseline | Model minus baseline" in shown
    difference = judged.comparisons["baseline"].difference["log_loss"]
    (row,) = [line for line in shown if line.startswith("log loss | ")]
    assert row.endswith(
        f" | {difference.value:+.4f} [{difference.low:+.4f}, {difference.high:+.4f}]"
    )
    small = [line.split(" | ")[0] for line in shown if line.startswith("region = ")]
    assert small == ["region = north", "region = south", "region = east (small)"]


def test_an_evaluation_that_failed_a_gate_says_so_and_why(bundle: Bundle) -> None:
    (gate,) = bundle.evaluation.gates
    failed = (gate.model_copy(update={"passed": False}),)
    compared = OffPolicyComparison(since="2024-05-20", unsupported="cannot tell: why")
    changed = {"gates": failed, "passed": False, "notes": ("The champion could not be scored.",)}
    changed["off_policy"] = compared
    changed["explored"] = ExploredComparison(
        rows=9, explored=2, judged=1, unsupported="cannot tell: 2"
    )
    shown = card_words(
        evaluation_card.evaluation(bundle.evaluation.model_copy(update=changed), bundle.contract)
    )
    assert shown[0] == "# ✖ May not be packaged"
    assert shown[1].endswith(" A gate failed.")
    assert shown[3].endswith(" | ✖")
    assert shown[4:7] == [
        "The champion could not be scored.",
        "Off-policy: cannot tell: why.",
        "Explored rows: cannot tell: 2.",
    ]


def test_the_picture_of_importance_says_how_it_was_measured_and_what_it_leaves_out(
    bundle: Bundle,
) -> None:
    def drawn(features: int) -> tuple[str, int]:
        every = [FeatureImportance(feature=f"f{at}", loss=-at, spread=0) for at in range(features)]
        told = bundle.evaluation.model_copy(update={"rows": 9_000, "importance": tuple(every)})
        axes = evaluation_card._importance(told, bundle.task).axes[0]
        return axes.get_title(loc="left"), len(axes.get_yticks())

    lost = "ROC AUC lost when the feature is shuffled"
    assert drawn(3) == (f"{lost} (2,000 held-out rows, 3 times)", 3)
    left_out = "The 30 most important of 60 features"
    assert drawn(60) == (f"{lost} (2,000 held-out rows, twice)\n{left_out}", 30)
    left_out = "The 30 most important of 500 features"
    assert drawn(500) == (f"{lost} (600 held-out rows, once)\n{left_out}", 30)
