"""What a model would be that had learnt from explored rows alone, beside one of all that was shown.

Rows that a policy chose say of its favourites more than of all else, and better. What it explored
says as much of each. Where the model of all rows is clearly worse on explored rows that neither has
seen, what was served misleads it.
"""

from typing import Any

import numpy as np
import pandas as pd

from shared.errors import Refusal
from shared.model.evaluation import ExploredComparison
from shared.model.inputs import model_input
from shared.policies.impressions import even_weights
from shared.schema.contract import Contract
from shared.settings import Settings
from shared.tables.items import read_items
from shared.tasks import metrics
from shared.tasks.choice import task_of
from shared.training.fitting import candidates, trials
from shared.words import number_of

# Where policies decide less of the rows, all of them are explored.
LEAST_DECIDED = 0.01
# Fewer say nothing to a model, or of one.
FEWEST_LEARNT, FEWEST_JUDGED = 500, 200
METRIC = "log_loss"


def compare_explored(
    scores: np.ndarray,
    chosen: dict[str, Any],
    parts: dict[str, pd.DataFrame],
    contract: Contract,
    settings: Settings,
) -> ExploredComparison | None:
    """Fit the chosen candidate anew to explored rows alone, and compare on explored held-out rows.

    `scores` are the model's of the holdout. None where no policy decided what rows show, or the
    model was fitted elsewhere.
    """
    if contract.ranking is None:
        return None
    if candidates.named(chosen["candidate"], trials.with_chosen(settings, chosen)).model:
        return None
    weights = _even_weights(parts, contract, settings)
    if weights is None:
        return None
    explored = {part: parts[part][weights[part] > 1 - 1e-9] for part in parts}
    rows = sum(len(parts[part]) for part in ("train", "validation"))
    learnt = sum(len(explored[part]) for part in ("train", "validation"))
    held = explored["holdout"]
    found = ExploredComparison(rows=rows, explored=learnt, judged=len(held))
    if why := _too_few(found, explored, contract):
        return found.model_copy(update={"unsupported": f"cannot tell: {why}"})
    try:
        alone = candidates.refit_chosen(chosen, explored, contract, settings)
    except (Refusal, ValueError) as error:
        why = f"cannot tell: the explored rows alone cannot be learnt from: {error}"
        return found.model_copy(update={"unsupported": why.splitlines()[0]})
    task = task_of(contract)
    sides = [scores[weights["holdout"] > 1 - 1e-9], task.scores(alone, model_input(held, contract))]
    mine, its = (task.measured(side, chosen["rule"], held) for side in sides)
    target, seed = held[contract.target].to_numpy(), settings.seed
    both = [metrics.score(task.measure_of_slices, target, side, seed) for side in (mine, its)]
    difference = metrics.difference(task.measure_of_slices, target, mine, its, seed)
    own, theirs = (side[METRIC] for side in both)
    return found.model_copy(update={"own": own, "alone": theirs, "difference": difference[METRIC]})


def _even_weights(
    parts: dict[str, pd.DataFrame], contract: Contract, settings: Settings
) -> dict[str, np.ndarray] | None:
    """Return how much likelier each row were of an even choice; None where all were chosen so.

    A row whose propensity is not known is none that was explored.
    """
    names = {answered: name for name, answered in contract.answered_as.items()}
    if not names.keys() >= {"position", "propensity"}:
        return None
    items = read_items(settings, contract)
    assert contract.ranking
    item = contract.ranking.item
    there = len(pd.concat([part[item] for part in parts.values()]).unique())
    count = max(there, items.num_rows if items else 0)
    found = {}
    for part, rows in parts.items():
        position, propensity = (
            rows[names[name]].to_numpy("float64", na_value=np.nan)
            for name in ("position", "propensity")
        )
        even = even_weights(position, np.full(len(rows), count), propensity)
        found[part] = np.nan_to_num(even, nan=0.0)
    every = np.concatenate([*found.values()])
    known = every > 0
    decided = np.clip(1 - every[known], 0, 1).mean() if known.any() else 0.0
    return found if decided >= LEAST_DECIDED else None


def _too_few(
    found: ExploredComparison, explored: dict[str, pd.DataFrame], contract: Contract
) -> str | None:
    learnt = pd.concat([explored["train"], explored["validation"]])[contract.target]
    if found.explored < FEWEST_LEARNT or learnt.nunique() < 2 or explored["train"].empty:
        rows = number_of(found.explored, "row was", "rows were")
        return f"{rows} explored of {found.rows:,} to learn from, and {FEWEST_LEARNT} are needed"
    held = explored["holdout"][contract.target].to_numpy()
    if found.judged < FEWEST_JUDGED or not task_of(contract).can_score(held):
        rows = number_of(found.judged, "held-out row was", "held-out rows were")
        return f"{rows} explored, and {FEWEST_JUDGED} with clicks are needed"
    return None
