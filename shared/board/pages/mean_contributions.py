"""What moves a problem's answers: the mean contribution of each feature, window by window."""

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from shared.board.pages.problem_states import Window
from shared.board.pages.todays_answers import OpenedBundles
from shared.lineage import bundles
from shared.model.bundle import Bundle
from shared.model.inputs import model_input
from shared.runs.window_artifacts import read_once

# So many rows of a window's sample are explained, and so many are needed for a standard error.
ROWS, FEWEST = 40, 10


@dataclass(frozen=True)
class MeanContributions:
    """The mean contributions to the answers of so many rows: by feature, with standard errors.

    They are next to the bundle's held-out rows: all of them add up to the distance of the rows'
    mean answer from that of those. Of several classes it is that of the one answered.
    """

    rows: int
    by_feature: dict[str, list[float]]


def of_window(window: Window, opened: OpenedBundles) -> MeanContributions | None:
    """Return those of a window by its own bundle, remembered; None where they cannot be had."""
    record = window.record

    def of_artifact(kept: Any) -> MeanContributions | None:
        try:
            bundle = bundles.packaged(record.problem, window.verdict.bundle).bundle
            return of_rows(kept.profile.sample, bundle, opened)
        except Exception as error:
            # Pipelines are the teams' own: they may fail in any way.
            print(f"no contributions for {record.pathspec}: {error}", file=sys.stderr, flush=True)
            return None

    return read_once(record, "window", "contributions-1", MeanContributions, of_artifact)


def of_rows(
    sample: pd.DataFrame, bundle: Bundle, opened: OpenedBundles
) -> MeanContributions | None:
    """Return those of a sample's first rows; None for too few, or rows without a feature."""
    rows, features = sample.head(ROWS), bundle.contract.features
    if len(rows) < FEWEST or not {*features} <= {*rows}:
        return None
    inputs = model_input(rows, bundle.contract)
    scores = bundle.task.scores(bundle.model, inputs)
    explainer = opened.open(bundle).explainer
    # One stretch of permutations each, next to other held-out rows: these differ more than what is
    # sampled of one.
    places = (slice(at, at + 1) for at in range(len(rows)))
    found = [
        explainer.contributions(inputs[one], scores[one], rows[one], seed=one.start, seconds=0)
        for one in places
    ]
    amounts = np.concatenate([each.amounts for each in found])
    errors = amounts.std(axis=0, ddof=1) / np.sqrt(len(rows))
    both = np.stack([amounts.mean(axis=0), errors], axis=1).tolist()
    return MeanContributions(len(rows), dict(zip(features, both, strict=True)))
