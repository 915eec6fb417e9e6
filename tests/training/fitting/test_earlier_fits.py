"""Fits of an earlier run: taken only where all that they depend on is the same."""

from pathlib import Path

import pytest

from shared import problem_code
from shared.errors import Refusal
from shared.model.files import requirements
from shared.schema.inference import infer_contract
from shared.tasks.binary.binary_task import Binary
from shared.training import splits
from shared.training.fitting import earlier_fits
from shared.training.fitting.earlier_fits import EarlierFits


@pytest.fixture
def made_of(settings, table):
    parts = splits.by_time(table, Binary(), settings)
    contract = infer_contract(table, settings)

    def made(changed=settings, candidate=settings.candidates[0], table="rows", rows=parts):
        code = earlier_fits.code_digest(candidate, changed)
        return earlier_fits.made_of(candidate, code, rows, table, contract, changed)

    made.parts = parts
    return made


def test_what_is_decided_after_fits_changes_nothing(settings, made_of):
    after = {"threshold": 0.25, "gates": settings.gates.model_copy(update={"beat_baseline": False})}
    assert made_of(settings.model_copy(update=after)) == made_of()


def test_whatever_a_fit_depends_on_counts(settings, made_of):
    first = settings.candidates[0]
    other = first.model_copy(update={"params": {**first.params, "max_iter": 7}})
    fewer = {**made_of.parts, "train": made_of.parts["train"].iloc[1:]}
    changed = {
        "seed": made_of(settings.model_copy(update={"seed": 5})),
        "parameters": made_of(candidate=other),
        "another table": made_of(table="other rows"),
        "another span": made_of(rows=fewer),
        "as it was": made_of(),
    }
    assert len({*changed.values()}) == len(changed)


def test_what_a_candidate_is_called_is_no_part_of_its_fit(settings, made_of):
    first = settings.candidates[0]
    assert made_of(candidate=first.model_copy(update={"name": "as-it-was-found"})) == made_of()


def test_of_an_estimator_or_a_preprocessing_of_no_package_nothing_is_known(settings):
    for key in ("estimator", "preprocessing"):
        own = settings.candidates[0].model_copy(update={key: "my_script.Own"})
        assert earlier_fits.code_digest(own, settings) is None
    assert EarlierFits().model(None) is None


def test_own_code_counts(settings, made_of, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    without = made_of()
    (tmp_path / "models.py").write_text("A = 1\n")
    monkeypatch.setattr(problem_code, "code_folder", lambda name: tmp_path)
    one = made_of()
    (tmp_path / "models.py").write_text("A = 2\n")
    assert len({without, one, made_of()}) == 3


def test_packages_of_its_model_count_and_no_others(made_of, monkeypatch: pytest.MonkeyPatch):
    as_it_was, version = made_of(), requirements.metadata.version("scikit-learn")
    pins = requirements.lock([])
    monkeypatch.setattr(
        requirements, "lock", lambda types: pins.replace(f"learn=={version}", "learn==9")
    )
    assert "scikit-learn==9" in requirements.lock([])
    assert made_of() != as_it_was
    assert "pytest" not in pins


def test_without_a_run_nothing_is_taken(settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert EarlierFits().scores("x") is None
    assert earlier_fits.earlier_fits(None, settings) == EarlierFits()
    monkeypatch.chdir(tmp_path)
    for unknown in ("12", "TrainFlow/12", "PackageFlow/12"):
        with pytest.raises(Refusal, match=f"no run {unknown!r} of TrainFlow is here"):
            earlier_fits.earlier_fits(unknown, settings)
