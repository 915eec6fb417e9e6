"""An evaluation: kept as plain values and read again, also as older versions wrote it."""

import json
import math

from shared.model.bundle import Bundle
from shared.model.evaluation import Evaluation


def test_an_evaluation_is_read_as_it_was_kept(bundle: Bundle) -> None:
    kept = json.loads(json.dumps(bundle.evaluation.plain()))
    assert Evaluation.model_validate(kept) == bundle.evaluation


def test_an_older_bundle_has_its_comparisons_under_another_name(bundle: Bundle) -> None:
    kept = bundle.evaluation.plain()
    kept["rivals"] = kept.pop("comparisons")
    assert Evaluation.model_validate(kept) == bundle.evaluation


def test_what_is_not_defined_on_the_rows_stays_no_number(bundle: Bundle) -> None:
    kept = bundle.evaluation.plain()
    kept["scores"]["roc_auc"] = {"value": math.nan, "low": math.nan, "high": math.nan}
    again = Evaluation.model_validate(json.loads(json.dumps(kept)))
    assert math.isnan(again.scores["roc_auc"].value)
    assert math.isnan(again.plain()["scores"]["roc_auc"]["value"])
