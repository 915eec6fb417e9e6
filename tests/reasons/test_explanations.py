"""The reasons for an answer sum to it, and name the features that it comes from."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shared.model.bundle import Bundle
from shared.model.inputs import model_input
from shared.reasons import exact_rows, sampled_row
from shared.reasons.explanations import Explainer
from shared.schema.contract import ContractColumn
from shared.tasks.regression.regression_task import Regression
from tests.conftest import bundle_of
from tests.kinds import MULTICLASS


def first_row(bundle: Bundle, at: int = 0) -> dict[str, Any]:
    golden = bundle.golden().iloc[at]
    return {name: golden[name] for name in bundle.contract.features}


def score(bundle: Bundle, row: dict[str, Any]) -> float:
    return float(bundle.scores({name: [value] for name, value in row.items()})[0])


def test_base_and_contributions_sum_to_the_score(bundle: Bundle) -> None:
    for at in range(3):
        row = first_row(bundle, at)
        found = Explainer(bundle).explain(row)
        assert found.score == pytest.approx(score(bundle, row))
        total = found.base + sum(one.amount for one in found.contributions)
        assert total == pytest.approx(found.score)
        assert {one.feature for one in found.contributions} == set(bundle.contract.features)
        assert found.of == "probability"


def test_the_largest_comes_first_and_a_value_that_matters_moves_its_feature(
    bundle: Bundle,
) -> None:
    poor = first_row(bundle) | {"income": 5_000.0}
    rich = poor | {"income": 100_000.0}
    amounts = []
    for row in (poor, rich):
        found = Explainer(bundle).explain(row)
        sizes = [abs(one.amount) for one in found.contributions]
        assert sizes == sorted(sizes, reverse=True)
        amounts.append({one.feature: one.amount for one in found.contributions}["income"])
    assert amounts[0] > 0 > amounts[1]


def test_of_few_features_any_model_has_exact_reasons(bundle: Bundle) -> None:
    row = first_row(bundle)
    found = Explainer(numbers(bundle, lambda r: r["age"] * r["employed"])).explain(row)
    by_name = {one.feature: one for one in found.contributions}
    assert (found.exact, found.rows) == (True, exact_rows.OTHERS)
    assert (by_name["region"].amount, by_name["age"].error) == (0, 0)
    # Of a product of two, both ways from one row to another are all that there are.
    rows = exact_rows.others(bundle.reference())
    was, now = rows["age"].astype(float), float(row["age"])
    had, has = rows["employed"].astype(float), float(row["employed"])
    wanted = ((now - was) * (has + had) / 2).mean()
    assert by_name["age"].amount == pytest.approx(wanted, abs=1e-9)
    assert found.base == pytest.approx((was * had).mean())


def test_of_a_model_that_adds_up_its_features_the_reasons_are_exact(bundle: Bundle) -> None:
    south = {"south": 3.0}
    adding = numbers(bundle, lambda r: 2 * r["age"] + r["region"].map(south).fillna(0) + 1)
    rows, row = bundle.reference(), first_row(bundle) | {"region": "south"}
    found = Explainer(adding).explain(row)
    by_name = {one.feature: one.amount for one in found.contributions}
    share = (rows["region"] == "south").mean()
    assert (found.exact, found.rows) == (True, len(rows))
    assert {one.error for one in found.contributions} == {0}
    assert by_name["age"] == pytest.approx(2 * (row["age"] - rows["age"].mean()))
    assert by_name["region"] == pytest.approx(3 * (1 - share))
    assert by_name["income"] == by_name["employed"] == 0
    assert found.base == pytest.approx(2 * rows["age"].mean() + 3 * share + 1)
    assert found.score == pytest.approx(found.base + sum(by_name.values()), abs=1e-9)


def test_a_row_whose_parts_do_not_add_up_is_explained_by_coalitions(bundle: Bundle) -> None:
    rare = numbers(bundle, lambda r: r["age"] + 5 * ((r["age"] > 110) & (r["employed"] == 0)))
    explainer = Explainer(rare)
    ordinary, odd = first_row(bundle), first_row(bundle) | {"age": 115, "employed": False}
    assert explainer.adds_up
    assert explainer.explain(ordinary).rows == len(bundle.reference())
    found = explainer.explain(odd)
    assert (found.exact, found.rows) == (True, exact_rows.OTHERS)
    assert found.base + sum(one.amount for one in found.contributions) == pytest.approx(found.score)


def test_many_rows_have_the_reasons_that_each_has_alone(bundle: Bundle) -> None:
    rare = numbers(bundle, lambda r: r["age"] + 5 * ((r["age"] > 110) & (r["employed"] == 0)))
    explainer, names = Explainer(rare), list(bundle.contract.features)
    rows = bundle.golden().head(4)[names].assign(age=[30, 115, 40, 112], employed=[1, 0, 1, 1])
    inputs = model_input(rows, bundle.contract)
    scores = rare.task.scores(rare.model, inputs)
    found = explainer.contributions(inputs, scores, rows)
    assert found.exact.all()
    for at in range(4):
        alone = explainer.explain(rows.iloc[at].to_dict())
        assert (alone.base, alone.rows) == (found.bases[at], found.rows[at])
        amounts = {one.feature: one.amount for one in alone.contributions}
        assert found.amounts[at] == pytest.approx([amounts[name] for name in names])
    brief = explainer.contributions(inputs, scores, rows, seconds=0)
    assert brief.exact.tolist() == [True, False, True, True]


def test_without_time_a_row_is_sampled_and_sums_to_its_score_as_well(bundle: Bundle) -> None:
    row = first_row(bundle)
    explainer = Explainer(bundle)
    found, exact = explainer.explain(row, seconds=0), explainer.explain(row)
    assert (found.exact, exact.exact) == (False, True)
    assert sampled_row.FEWEST_PAIRS <= found.rows < exact.rows
    assert found.base + sum(one.amount for one in found.contributions) == pytest.approx(found.score)


def test_a_model_of_many_features_that_is_neither_trees_nor_a_sum_is_sampled() -> None:
    # Of ten features, too many coalitions would have to be asked.
    many = wide(count=10)
    row = dict.fromkeys(many.contract.features, 1.0)
    found = Explainer(many).explain(row)
    assert (found.exact, found.rows) == (False, sampled_row.PAIRS)
    total = found.base + sum(one.amount for one in found.contributions)
    assert total == pytest.approx(found.score)
    # All take part alike.
    for one in found.contributions:
        assert one.error > 0
        assert one.amount == pytest.approx((found.score - found.base) / 10, abs=5 * one.error)


def test_of_several_classes_the_one_that_the_rule_decides_for_is_explained(
    tmp_path: Path,
) -> None:
    costs = "[costs.late]\n" + "\n".join(f'"{name}" = 90' for name in ("paid", "sold on"))
    dear = replace(MULTICLASS, text=f"{MULTICLASS.text}\n{costs}\n")
    fates = bundle_of(dear.claims(1_500, 0), dear.settings(), "boosting", tmp_path / "claims")
    golden = fates.golden()
    seen = []
    for at in range(20):
        row = {name: golden.iloc[at][name] for name in fates.contract.features}
        found = Explainer(fates).explain(row)
        answers = fates.answers(fates.scores([row]), {n: [value] for n, value in row.items()})
        assert found.score == pytest.approx(answers["probability"][0])
        assert found.of == f"probability_{answers['prediction'][0].replace(' ', '_')}"
        seen.append(found.score == max(float(golden.iloc[at][n]) for n in fates.task.score_names))
    assert not all(seen)


def numbers(bundle: Bundle, predicted: Callable[[pd.DataFrame], pd.Series]) -> Any:
    """Return a bundle of the loans with another model, whose answers are numbers."""
    model = SimpleNamespace(predict=predicted)
    held_out = bundle.reference()
    return SimpleNamespace(
        contract=bundle.contract, task=Regression(), model=model, reference=lambda: held_out
    )


def wide(count: int) -> Any:
    """Return a bundle whose answer is the product of so many features."""
    names = [f"x{at}" for at in range(count)]
    columns = {name: ContractColumn(name=name, type="number") for name in names}
    held_out = pd.DataFrame(np.random.default_rng(2).uniform(0.5, 1, (300, count)), columns=names)

    class Columns(SimpleNamespace):
        def __getitem__(self, name: str) -> ContractColumn:
            return columns[name]

    contract = Columns(features=tuple(names))
    model = SimpleNamespace(predict=lambda rows: rows.prod(axis=1).to_numpy())
    return SimpleNamespace(
        contract=contract, task=Regression(), model=model, reference=lambda: held_out
    )


def test_the_same_row_has_the_same_reasons(bundle: Bundle) -> None:
    row = first_row(bundle)
    assert Explainer(bundle).explain(row) == Explainer(bundle).explain(row)
