"""A server answers by trees that another process proved, and loads the model when it must."""

import gc
import os
import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.model.scores.compiled_trees import CompiledTrees
from shared.model.scores.fast_path import FastPath
from shared.model.scores.lean_scores import LeanScores, LeanScoring, ModelProof
from shared.model.scores.model_scores import model_scores
from shared.schema import columns
from shared.schema.columns import Columns
from tests.prometheus import wait_until

APART = """
import sys, threading
from pathlib import Path
from shared.model.bundle import open_bundle
from shared.model.scores.lean_scores import LeanScoring
from shared.schema import columns

bundle = open_bundle(Path(sys.argv[1]))
rows = bundle.golden().head(1).to_dict("records")
asked = columns.of_rows(rows, bundle.contract.features)
for alone in (True, False):
    scoring = LeanScoring()
    scoring.prove(bundle)
    scores = scoring(bundle)
    print(scores.scores(asked).tolist(), sorted({"sklearn", "skops"} & {*sys.modules}))
    threading.Thread(target=threading.Event().wait, daemon=True).start()
"""


@pytest.fixture(scope="module")
def fast(bundle: Bundle) -> FastPath:
    found = model_scores(bundle).fast
    assert found
    return found


def asked(bundle: Bundle, rows: int) -> Columns:
    """Return golden rows as a server has them, over and over."""
    golden = bundle.golden()
    some = golden.iloc[np.arange(rows) % len(golden)].astype(object)
    records = some.where(some.notna(), None).to_dict("records")
    return columns.of_rows(records, bundle.contract.features)


def test_trees_answer_without_scikit_learn_as_the_model_does(bundle: Bundle) -> None:
    command = [sys.executable, "-c", APART, str(bundle.path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    # With no other thread, and beside one.
    assert said.splitlines() == [f"{bundle.scores(asked(bundle, 1)).tolist()} []"] * 2


def test_few_rows_do_not_load_the_model_and_many_do_while_the_trees_answer_them(
    bundle: Bundle, fast: FastPath
) -> None:
    alone = replace(bundle)
    scores = LeanScores(alone, replace(fast, most_rows=4))
    assert np.array_equal(scores.scores(asked(bundle, 4)), bundle.scores(asked(bundle, 4)))
    assert "model" not in vars(alone)
    assert scores.evaluator.startswith("treelite for up to 4 rows")
    many = asked(bundle, 3_000)
    assert np.array_equal(scores.scores(many), bundle.scores(many))
    wait_until(lambda: scores._loaded is not None)
    assert "model" in vars(alone)
    assert np.array_equal(scores.scores(many), bundle.scores(many))
    assert scores._loaded is not None
    assert scores.evaluator == scores._loaded.evaluator


def test_objects_are_not_looked_through_while_the_model_is_loaded(
    bundle: Bundle, fast: FastPath
) -> None:
    scores, looked = LeanScores(replace(bundle), fast), list[str]()

    def note(phase: str, info: dict[str, int]) -> None:
        looked.append(phase)

    gc.callbacks.append(note)
    try:
        scores._load()
    finally:
        gc.callbacks.remove(note)
    assert scores._loaded is not None
    assert (looked, gc.isenabled()) == ([], True)


def test_trees_go_on_where_the_model_cannot_be_loaded_any_more(
    bundle: Bundle, fast: FastPath, caplog: pytest.LogCaptureFixture
) -> None:
    gone = replace(bundle, manifest=bundle.manifest.model_copy(update={"files": {}}))
    scores, many = LeanScores(gone, replace(fast, most_rows=4)), asked(bundle, 5)
    assert np.array_equal(scores.scores(many), bundle.scores(many))
    wait_until(lambda: "model.skops is not the file that was packaged" in caplog.text)
    assert np.array_equal(scores.scores(many), bundle.scores(many))


def test_trees_that_answer_golden_rows_otherwise_are_refused(
    bundle: Bundle, fast: FastPath
) -> None:
    class Off(CompiledTrees):
        """Trees of another model."""

        def predict_proba(self, rows: np.ndarray) -> np.ndarray:
            return np.full((len(rows), 2), 0.5)

    with pytest.raises(Refusal, match="50 of 50 golden rows come out otherwise than in training"):
        LeanScores(bundle, replace(fast, trees=Off(fast.trees.trees)))


def test_a_proof_that_is_killed_is_a_refusal(bundle: Bundle) -> None:
    proof = ModelProof()
    pid = proof._process.pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    proof.prove(bundle)
    with pytest.raises(Refusal, match=r"the process that loads its model ended \(-9\) before"):
        proof.fast_path  # noqa: B018


def test_a_proof_without_a_bundle_ends() -> None:
    proof = ModelProof()
    proof.end()
    assert proof._process.exitcode == 0


def test_nothing_is_begun_where_scikit_learn_is_there_already() -> None:
    assert "sklearn" in sys.modules
    assert LeanScoring()._first is None
