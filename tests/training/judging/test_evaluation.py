import numpy as np
import pandas as pd
import pytest

from shared.sections.training import Gates
from shared.tasks.binary.binary_task import Binary, Threshold
from shared.training.judging import evaluation


def judged(settings, target, chance, **others):
    rows = pd.DataFrame({"defaulted": target, "region": ["north"] * len(target)})
    rows["applied"] = pd.date_range("2024-01-01", periods=len(rows), freq="h", tz="UTC")
    rows.loc[:4, "region"] = None
    others = others or {"baseline": np.full(len(target), 0.5)}
    chosen = {"candidate": "boosting", "rule": Threshold(threshold=0.5)}
    return evaluation.evaluate(rows, chance, others, chosen, Binary(), settings)


@pytest.fixture
def answers():
    rng = np.random.default_rng(0)
    chance = rng.random(1_000)
    return (rng.random(1_000) < chance).astype(int), chance


def gates_of(result):
    return {gate.gate: gate.passed for gate in result.gates}


def test_a_good_model_passes_and_its_mirror_image_does_not(settings, answers):
    target, chance = answers
    assert judged(settings, target, chance).passed
    mirrored = judged(settings, target, 1 - chance)
    assert not mirrored.passed
    assert gates_of(mirrored) == {
        "gain in log loss over the baseline (lower end of the 95% interval) above": False
    }


def test_limits_from_the_settings_are_gates(settings, answers):
    given = settings.model_copy(
        update={"gates": Gates(minimum={"roc_auc": 0.99}, maximum={"log_loss": 9})}
    )
    assert gates_of(judged(given, *answers)) == {
        "ROC AUC at least": False,
        "log loss at most": True,
        "gain in log loss over the baseline (lower end of the 95% interval) above": True,
    }


def test_a_model_worse_than_the_champion_does_not_pass(settings, answers):
    target, chance = answers
    base = np.full(len(target), 0.5)
    blurred = 0.5 + (chance - 0.5) / 3
    worse = judged(settings, target, blurred, baseline=base, champion=chance)
    assert not gates_of(worse)[
        "gain in log loss over the champion (upper end of the 95% interval) at least"
    ]
    equal = judged(settings, target, chance, baseline=base, champion=chance)
    assert gates_of(equal)[
        "gain in log loss over the champion (upper end of the 95% interval) at least"
    ]


def test_slices_hold_every_row_and_mark_the_small_and_the_missing(settings, answers):
    slices = judged(settings, *answers).slices
    assert {s.slice: (s.rows, s.small) for s in slices} == {
        "region = north": (995, False),
        "region = (missing)": (5, True),
    }


def test_the_confusion_matrix_is_counted_at_the_threshold(settings):
    result = judged(settings, np.array([0, 0, 1, 1]), np.array([0.1, 0.6, 0.4, 0.9]))
    assert result.diagnostics.confusion == ((1, 1), (1, 1))
