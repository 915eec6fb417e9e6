"""A bundle written from a training run's artifacts, also those of an older run."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sklearn.linear_model import LogisticRegression

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.model.files.archive import unpack
from shared.packaging import build
from shared.settings import Settings


class OwnModel(LogisticRegression):
    """A type that scikit-learn does not bring."""


def trained(bundle: Bundle, **changed: Any) -> SimpleNamespace:
    """Return the artifacts of the run that a bundle could come from."""
    given = {
        "model": bundle.model,
        "contract": bundle.contract,
        "reference": bundle.reference(),
        "golden": bundle.golden(),
        "baseline": bundle.baseline.model_dump(mode="json"),
        "evaluation": bundle.evaluation.plain(),
    }
    return SimpleNamespace(**given | changed)


def test_a_type_that_scikit_learn_does_not_bring_must_be_allowed_by_name(
    bundle: Bundle, settings: Settings, tmp_path: Path
) -> None:
    own = OwnModel().fit([[0.0], [1.0]], [0, 1])
    with pytest.raises(Refusal, match="OwnModel"):
        build.build(tmp_path / "one", settings, trained(bundle, model=own), {})


def test_an_archive_is_the_bundle_with_what_its_card_shows(
    bundle: Bundle, settings: Settings, tmp_path: Path
) -> None:
    made = build.archive(settings, trained(bundle), {"training run": "TrainFlow/1"})
    opened = unpack(made.archive, tmp_path / "there")
    assert (opened.digest, opened.manifest.lineage) == (
        made.digest,
        {"training run": "TrainFlow/1"},
    )
    assert made.manifest == opened.manifest.model_dump(mode="json")
    assert {row["file"]: row["sha256"] for row in made.contents} == opened.manifest.files
    assert opened.evaluation == bundle.evaluation


def test_an_older_run_s_evaluation_is_packaged_in_the_words_of_today(
    bundle: Bundle, settings: Settings, tmp_path: Path
) -> None:
    older = bundle.evaluation.plain()
    older["rivals"] = older.pop("comparisons")
    made = build.build(tmp_path / "one", settings, trained(bundle, evaluation=older), {})
    assert '"comparisons"' in (made.path / "evaluation.json").read_text()
    assert made.evaluation == bundle.evaluation
