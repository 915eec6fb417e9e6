"""How answers are counted, as bundles and runs keep it."""

import pickle

import pytest
from pydantic import ValidationError

from shared.tasks.answer_plan import AnswerPlan


def test_a_plan_comes_back_from_a_bundle_as_it_was() -> None:
    plan = AnswerPlan(kind="multiclass", classes=("late", "on time"))
    assert AnswerPlan.model_validate_json(plan.model_dump_json()) == plan
    with pytest.raises(ValidationError, match="extra"):
        AnswerPlan.model_validate({"kind": "binary", "bins": 3})


def test_a_pickle_of_an_older_run_finds_it() -> None:
    older = pickle.dumps(AnswerPlan(coverage=0.9), protocol=0).replace(
        b"shared.tasks.answer_plan", b"shared.profiles.counting_plan"
    )
    assert pickle.loads(older) == AnswerPlan(coverage=0.9)
