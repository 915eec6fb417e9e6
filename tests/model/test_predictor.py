"""The predictor: rows get the bundle's own answers, and all that the log has of them."""

import pandas as pd
import pytest

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.model.predictor import Predictor
from shared.schema import columns
from shared.schema.columns import Columns
from tests.conftest import loans


@pytest.fixture(scope="module")
def predictor(bundle: Bundle) -> Predictor:
    return Predictor(bundle, "challenger")


def asked_rows(bundle: Bundle, rows: int) -> Columns:
    """Return rows as a server has them: the key, the time and the features by column."""
    contract = bundle.contract
    names = (contract.key, contract.time, *contract.features)
    found = loans(300, seed=9).head(rows)[list(names)].astype(object)
    return columns.of_rows(found.where(found.notna(), None).to_dict("records"), names)


def test_the_answers_are_those_of_the_bundle(bundle: Bundle, predictor: Predictor) -> None:
    asked = asked_rows(bundle, 200)
    answered = predictor.score(asked)
    expected = bundle.answers(bundle.scores(asked), asked)
    assert answered["probability"] == expected["probability"].tolist()
    assert answered["prediction"] == expected["prediction"].tolist()


def test_every_row_has_an_identity_of_its_own_in_the_order_of_time(
    bundle: Bundle, predictor: Predictor
) -> None:
    identities = [predictor.score(asked_rows(bundle, 50))["prediction_id"] for _ in range(2)]
    both = [*identities[0], *identities[1]]
    assert len(set(both)) == 100
    assert both == sorted(both)


def test_what_is_logged_says_whose_answer_it_is(bundle: Bundle, predictor: Predictor) -> None:
    answered = predictor.score(asked_rows(bundle, 3))
    assert answered["bundle"] == [bundle.digest] * 3
    assert answered["role"] == ["challenger"] * 3
    assert (answered["key"], answered["time"]) == (answered["loan"], answered["applied"])
    assert min(answered["latency_ms"]) >= 0


def test_no_rows_have_no_answers(bundle: Bundle, predictor: Predictor) -> None:
    answered = predictor.score(asked_rows(bundle, 0))
    assert {name: len(values) for name, values in answered.items()} == dict.fromkeys(answered, 0)


def test_rows_that_were_logged_are_asked_again_as_they_were(
    bundle: Bundle, predictor: Predictor
) -> None:
    asked = asked_rows(bundle, 20)
    assert predictor.rows_as_asked(predictor.score(asked)) == asked


def test_a_bundle_whose_golden_rows_come_out_otherwise_is_refused(
    bundle: Bundle,
) -> None:
    class Changed(Bundle):
        """A bundle whose golden rows are of another model."""

        def golden(self) -> pd.DataFrame:
            return super().golden().assign(probability=0.5)

    changed = Changed(bundle.path, bundle.digest, bundle.manifest)
    with pytest.raises(Refusal, match="50 of 50 golden rows come out otherwise than in training"):
        Predictor(changed)
