"""The winner, judged on the holdout: its evaluation, and the rows a bundle keeps of it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from shared.baseline.learning import learn
from shared.errors import Refusal
from shared.model.answer import predictions, true_probabilities
from shared.model.bundle import Bundle
from shared.model.evaluation import Evaluation
from shared.model.inputs import model_input
from shared.schema import arrow
from shared.schema.contract import Contract
from shared.settings import Settings
from shared.training import evaluation, stability


@dataclass(frozen=True)
class Judgement:
    """An evaluation; the `reference` and `golden` rows carry the model's answers.

    `baseline` is the baseline profile in plain values: how the history varies, for the monitor.
    """

    evaluation: Evaluation
    reference: pd.DataFrame
    golden: pd.DataFrame
    baseline: dict[str, Any]


def judge(
    model: Any,
    chosen: dict[str, Any],
    parts: dict[str, pd.DataFrame],
    history: pd.DataFrame,
    contract: Contract,
    champion: Bundle | None,
    settings: Settings,
) -> Judgement:
    """Score the model on the holdout beside the baseline and the champion.

    `history` are all the rows that were there to learn from, with and without an outcome.
    The champion is scored as it was packaged, never retrained; one that cannot read these rows is
    named with the reason.
    """
    holdout = parts["holdout"]
    chance = true_probabilities(model, model_input(holdout, contract))
    others, notes = _others(parts, champion, settings)
    judged = evaluation.evaluate(holdout, chance, others, chosen, settings)
    # Neither of these rows had the model that answered them seen.
    unseen = pd.concat([parts["validation"], holdout], ignore_index=True)
    answers = np.concatenate([chosen["probabilities"], chance])
    more = {
        "champion": champion.digest if champion else None,
        "notes": notes,
        "varies": stability.measure(unseen, answers, settings),
        "importance": evaluation.importance(model, holdout, contract, settings),
    }
    answered = holdout.assign(
        probability=chance, prediction=predictions(chance, chosen["threshold"])
    )
    past = history.assign(probability=true_probabilities(model, model_input(history, contract)))
    return Judgement(
        evaluation=judged.model_copy(update=more),
        reference=_sample(answered, settings.package.reference_rows, settings),
        golden=_sample(answered, settings.package.golden_rows, settings),
        baseline=learn(arrow.table(past), contract, settings.monitor.false_alarms).model_dump(
            mode="json"
        ),
    )


def _others(
    parts: dict[str, pd.DataFrame], champion: Bundle | None, settings: Settings
) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Return the holdout's probabilities by the baseline and the champion, and what went wrong."""
    seen = pd.concat([parts["train"], parts["validation"]], ignore_index=True)
    others = {"baseline": evaluation.baseline(seen, parts["holdout"], settings)}
    if champion:
        try:
            others["champion"] = champion.probabilities(parts["holdout"])
        except Refusal as refusal:
            return others, (f"The champion {champion.digest[:12]} could not be scored: {refusal}",)
    return others, ()


def _sample(rows: pd.DataFrame, most: int, settings: Settings) -> pd.DataFrame:
    sample = rows.sample(min(most, len(rows)), random_state=settings.seed)
    return sample.sort_values(settings.time, kind="stable").reset_index(drop=True)
