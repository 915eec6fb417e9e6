"""Scores without scikit-learn in the process that gives them, until it is needed.

A process of its own loads the model, proves it and compiles its trees; what it hands back answers
rows here. Where many are asked at once the model is loaded here too, in a thread: until it is
there, these and all others are answered by the trees.
"""

import gc
import multiprocessing
import signal
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from functools import cached_property, partial
from multiprocessing.connection import Connection

import numpy as np
import pyarrow as pa

from shared.errors import Refusal
from shared.model import lean_imports
from shared.model.bundle import Bundle
from shared.model.files import model_file
from shared.model.predictor import Scoring, load_scoring
from shared.model.scores.compiled_trees import COMPILED_TYPES
from shared.model.scores.fast_path import FastPath, warn, with_fallback
from shared.schema import columns
from shared.schema.columns import Columns

FORK, SPAWN = multiprocessing.get_context("fork"), multiprocessing.get_context("spawn")


class LeanScoring:
    """Makes what gives bundles their scores; the process that proves the first one begins at once.

    Until that bundle is found, it imports what loads a model.
    """

    def __init__(self) -> None:
        self._first = None if "sklearn" in sys.modules else ModelProof()

    def prove(self, bundle: Bundle) -> None:
        """Have the first bundle proved, where that may save the loading here."""
        if self._first and not _may_compile(bundle):
            self._first.end()
            self._first = None
        elif self._first:
            self._first.prove(bundle)

    def wait(self) -> None:
        """Wait for the proof of the first bundle, so that processes forked after have it."""
        if self._first:
            self._first.fast_path  # noqa: B018

    def __call__(self, bundle: Bundle) -> Scoring:
        """Return what gives a bundle's rows their scores; raises `Refusal` as `model_scores`."""
        proof = self._first
        if proof is None or proof.digest != bundle.digest:
            proof = _proof(bundle)
        if proof and (fast := proof.fast_path):
            return LeanScores(bundle, fast)
        return _loaded(bundle)


class ModelProof:
    """The proof of a bundle in a process of its own, which imports while it waits for one."""

    def __init__(self) -> None:
        self.digest = ""
        # A fork has what is imported already; beside other threads it might find their locks held.
        alone = threading.active_count() == 1
        context = FORK if alone else SPAWN
        asked, self._asking = context.Pipe(duplex=False)
        self._found, found = context.Pipe(duplex=False)
        ends = self._asking, asked, found
        self._process = context.Process(target=_prove, args=ends, daemon=True)
        self._process.start()
        asked.close()
        found.close()

    def prove(self, bundle: Bundle) -> None:
        """Have this bundle proved."""
        self.digest = bundle.digest
        with suppress(BrokenPipeError), self._asking as asking:
            # Without what it has opened already.
            asking.send(replace(bundle))

    def end(self) -> None:
        """End the process that has nothing to prove."""
        self._asking.close()
        self._found.close()
        self._process.join()

    @cached_property
    def fast_path(self) -> FastPath | None:
        """The way through compiled trees; None where there is none, or the proof failed.

        Waits for the process; raises `Refusal` where that was ended.
        """
        try:
            found: FastPath | None = self._found.recv()
            return found
        except EOFError:
            self._process.join()
            raise Refusal(
                f"bundle {self.digest[:12]}: the process that loads its model ended "
                f"({self._process.exitcode}) before it was proved"
            ) from None
        finally:
            self._process.join()
            self._found.close()


class LeanScores:
    """Gives rows their scores by compiled trees, and by the model once many rows were asked."""

    def __init__(self, bundle: Bundle, fast: FastPath) -> None:
        self._bundle, self.fast = bundle, fast
        self._loaded: Scoring | None = None
        self._begun = False
        scores = partial(fast.scores, bundle.task)
        golden = bundle.golden()
        asked = pa.Table.from_pandas(golden[list(bundle.contract.features)], preserve_index=False)
        bundle.prove(bundle.answers(scores(asked.to_pydict()), golden))
        self._by_trees = with_fallback(scores, self._by_model)

    @property
    def evaluator(self) -> str:
        """What makes the scores, in words."""
        return self._loaded.evaluator if self._loaded else self.fast.evaluator

    def scores(self, asked: Columns) -> np.ndarray:
        """Return the scores of rows, float64: shape (rows,) or (rows, columns)."""
        if self._loaded:
            return self._loaded.scores(asked)
        if not self._begun and columns.size(asked) > self.fast.most_rows:
            self._begun = True
            threading.Thread(target=self._load, daemon=True, name="loading").start()
        return self._by_trees(asked)

    def _load(self) -> None:
        # What is imported stays: to look through all of it takes a tenth of a second each time, in
        # which nobody is answered.
        gc.disable()
        try:
            self._loaded = _loaded(self._bundle)
        except Exception as error:
            # The trees go on.
            warn(error)
        finally:
            gc.freeze()
            gc.enable()

    def _by_model(self, asked: Columns) -> np.ndarray:
        lean_imports.import_skops()
        return self._bundle.scores(asked)


def _may_compile(bundle: Bundle) -> bool:
    return model_file.names_any(bundle.path, COMPILED_TYPES)


def _proof(bundle: Bundle) -> ModelProof | None:
    """Begin a proof where it may save the loading here; else return None."""
    if "sklearn" in sys.modules or not _may_compile(bundle):
        return None
    proof = ModelProof()
    proof.prove(bundle)
    return proof


def _loaded(bundle: Bundle) -> Scoring:
    lean_imports.import_skops()
    return load_scoring(bundle)


def _prove(asking: Connection, asked: Connection, found: Connection) -> None:
    # Who started it ends it: by the end of what it waits for, or of all daemons.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asking.close()
    # Should they not be made for it one day, it is imported as ever.
    with suppress(Exception), lean_imports.put_off():
        lean_imports.import_skops()
    lean_imports.import_skops()
    from shared.model.scores.model_scores import model_scores

    try:
        bundle: Bundle = asked.recv()
    except EOFError:
        return
    try:
        fast = model_scores(bundle).fast
    except Exception:
        # Whoever loads it next says why.
        fast = None
    found.send(fast)
