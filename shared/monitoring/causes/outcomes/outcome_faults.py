"""What may be wrong with outcomes that no longer follow the answers, found by trying.

They look inverted, exchanged between classes, of another unit, filled in, or of other rows: who
trains on such outcomes learns what is wrong.
"""

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.kinds import looks_inverted, looks_unrelated
from shared.log_columns import OUTCOME
from shared.monitoring.case import Case
from shared.monitoring.causes.categories import category_names
from shared.monitoring.causes.numbers import factors, unit_names
from shared.monitoring.causes.numbers.factors import SURELY
from shared.monitoring.causes.outcomes import (
    concept_changes,
    filled_outcomes,
    inverted_outcomes,
    neighbours,
)
from shared.monitoring.causes.outcomes.inverted_outcomes import LEAST_CHANCE, LEAST_GAIN
from shared.monitoring.outcomes.losses import BIAS, SHARE, Loss
from shared.tasks.multiclass.class_shares import share_words
from shared.tasks.task import Task
from shared.words import in_form, list_of

# A class of fewer outcomes says nothing of what it may have been called.
FEWEST_OUTCOMES = 5
# Of units that a factor may be so many are named.
MOST_NAMED = 3


@dataclass(frozen=True)
class OutcomeFault:
    """What outcomes look like, or those `of` some classes alone, as a sentence has these.

    Where it is not `plain`, the world may have changed instead; where it is `changed`, it has.
    """

    looks: str
    of: str = ""
    plain: bool = True
    changed: bool = False

    @property
    def words(self) -> str:
        """What is wrong, as a sentence on outcomes goes on."""
        return f"{f'those of {self.of}' if self.of else 'they'} {self.looks}"


INVERTED = OutcomeFault("look inverted")
CHANGED = OutcomeFault("follow the features otherwise than in training", plain=False, changed=True)
LOOSER = OutcomeFault("follow the answers less, whatever the features are", plain=False)


def find(case: Case, lost: Sequence[Loss]) -> OutcomeFault | None:
    """Return what is wrong with the outcomes of all rows, if names or proven losses say it.

    What labels that are wrong anywhere alike would look like may be another world as well.
    """
    found = _find(case, lost)
    if found is None and any(_is_of_scores(one) for one in lost):
        return LOOSER if concept_changes.are_looser(case) else None
    alike = found and (found == INVERTED or not found.plain)
    return CHANGED if alike and concept_changes.is_changed(case) else found


def _find(case: Case, lost: Sequence[Loss]) -> OutcomeFault | None:
    if names := respelled(case):
        pairs = [f"{old!r} → {new!r}" for new, (old, _) in names.items()]
        return OutcomeFault(f"are written otherwise ({list_of(pairs, MOST_NAMED)})")
    proven = {loss.metric: loss for loss in lost if loss.proven and not loss.slice}
    if any(looks_inverted(one.metric, one.now, one.expected) for one in proven.values()):
        return INVERTED
    task, rows = case.bundle.task, case.profile.sample
    found = None
    if proven and len(task.score_names) > 1:
        score_of = dict(zip(_classes(task), task.score_names, strict=True))
        time = case.bundle.contract.time
        found = _exchanged(rows, score_of, proven) or _exchanged_since(rows, time, score_of, proven)
    elif "log_loss" in proven:
        turned = inverted_outcomes.are_inverted(rows, task, proven["log_loss"])
        found = INVERTED if turned else None
    elif "mae" in proven:
        name, prediction = case.bundle.contract.target, task.score_names[0]
        found = _scaled(rows, name, prediction, proven["mae"]) or _filled(case, proven["mae"])
    if found is None and (gone := [one.of for one in lost if one.proven and _is_gone(one)]):
        found = OutcomeFault("no longer come", share_words(gone[0]))
    if found is None and proven and (others := neighbours.words(case)):
        found = OutcomeFault(others)
    if found is None and any(
        looks_unrelated(one.metric, one.now, one.expected) for one in proven.values()
    ):
        found = OutcomeFault("no longer follow the answers", plain=False)
    return found


def respelled(case: Case) -> dict[str, tuple[str, str]]:
    """Return unknown classes that are known ones written otherwise, the most frequent first.

    Each has the class that it looks like, and how it is written.
    """
    unknown = case.window.unknown
    if not unknown:
        return {}
    found = category_names.other_spellings(unknown, _classes(case.bundle.task))
    return {name: found[name] for name, _ in Counter(unknown).most_common() if name in found}


def _classes(task: Task) -> list[str]:
    return [str(name) for name in task.decode(pd.Series(range(len(task.score_names))))]


def _is_of_scores(loss: Loss) -> bool:
    """Say whether a loss of all rows is proven by how well answers follow the outcomes."""
    return loss.proven and not loss.slice and loss.metric not in (BIAS, SHARE)


def _is_gone(loss: Loss) -> bool:
    """Say whether no outcome of a class came, of which some were predicted."""
    return bool(loss.of) and not loss.slice and loss.metric in (BIAS, SHARE) and not loss.now


def _exchanged(
    rows: pd.DataFrame, score_of: Mapping[str, str], proven: Mapping[str, Loss]
) -> OutcomeFault | None:
    """Return which classes look exchanged: then answers make the outcomes the likeliest.

    `score_of` is the column of each class's probability.
    """
    from scipy.optimize import linear_sum_assignment

    classes = [*score_of]
    outcomes, likely = _likely(rows, score_of)
    by_name = likely.groupby(outcomes)
    sizes = by_name.size()
    names = [name for name in classes if sizes.get(name, 0) >= FEWEST_OUTCOMES]
    if len(names) < 2:
        return None
    at = [classes.index(name) for name in names]
    sums = by_name.sum().loc[names].to_numpy()[:, at]
    found = linear_sum_assignment(-sums)[1]
    own = np.arange(len(names))
    moved = found != own
    gain = (sums[own, found] - sums[own, own])[moved].sum()
    loss = -sums[own, found].sum() / sizes.loc[names].sum()
    once = proven.get("log_loss")
    if gain < LEAST_GAIN or (once and loss > once.expected + once.threshold):
        return None
    if (found[found] == own).all() and moved.sum() == 2:
        both = [repr(name) for name, is_moved in zip(names, moved, strict=True) if is_moved]
        return OutcomeFault("look swapped", " and ".join(both))
    pairs = ", ".join(
        f"{names[to]!r} → {names[one]!r}" for one, to in enumerate(found) if one != to
    )
    return OutcomeFault(f"look renamed ({pairs})")


def _exchanged_since(
    rows: pd.DataFrame, time: str, score_of: Mapping[str, str], proven: Mapping[str, Loss]
) -> OutcomeFault | None:
    """Return which two classes look exchanged in the rows from some time on."""
    if time not in rows:
        return None
    rows = rows.dropna(subset=[time]).sort_values(time, kind="stable", ignore_index=True)
    outcomes, likely = _likely(rows, score_of)
    own = likely.to_numpy()[outcomes[:, None] == np.array([*score_of])]
    found: tuple[float, int, tuple[str, str]] = (LEAST_GAIN, 0, ("", ""))
    names = [name for name in score_of if (outcomes == name).sum() >= FEWEST_OUTCOMES]
    for one, other in itertools.combinations(names, 2):
        apart = (likely[other] - likely[one]).to_numpy()
        gains = apart * (outcomes == one) - apart * (outcomes == other)
        # Where one of the two does not come it is no exchange.
        enough = [_from_each_on(outcomes == name) >= FEWEST_OUTCOMES for name in (one, other)]
        since = np.where(np.all(enough, axis=0), _from_each_on(gains), 0.0)
        found = max(found, (float(since.max()), int(since.argmax()), (one, other)))
    gain, first, both = found
    once = proven.get("log_loss")
    loss = -(own.sum() + gain) / max(len(own), 1)
    if gain == LEAST_GAIN or (once and loss > once.expected + once.threshold):
        return None
    began = f"{rows[time][likely.index[first]]:%Y-%m-%d %H:%M} UTC"
    return OutcomeFault(f"look swapped since {began}", " and ".join(map(repr, both)))


def _from_each_on(values: np.ndarray) -> np.ndarray:
    """Return the sum of the values from each row on."""
    return values[::-1].cumsum()[::-1]


def _likely(rows: pd.DataFrame, score_of: Mapping[str, str]) -> tuple[np.ndarray, pd.DataFrame]:
    """Return outcomes in words, and the logarithm of each class's probability, by its name.

    Of rows that have both; none where a column is missing.
    """
    columns = [*score_of.values()]
    if not {OUTCOME, *columns} <= {*rows.columns}:
        return np.array([], "str"), pd.DataFrame(columns=[*score_of], dtype="float64")
    known = rows[[OUTCOME, *columns]].dropna()
    likely = known[columns].astype("float64").clip(lower=LEAST_CHANCE).transform("log")
    return known[OUTCOME].astype(str).to_numpy(), likely.set_axis([*score_of], axis="columns")


def _scaled(rows: pd.DataFrame, name: str, prediction: str, lost: Loss) -> OutcomeFault | None:
    """Return the factor that outcomes look multiplied by: divided by it, errors are as before.

    Of a unit of another quantity than the target's `name` says they are not; and a factor that
    prices or a season may bring is none of a unit of which the name says nothing.
    """
    if not {OUTCOME, prediction} <= {*rows.columns}:
        return None
    known = rows[[OUTCOME, prediction]].astype("float64")
    outcome, answer = known[np.isfinite(known).all(axis=1)].to_numpy().T
    # A factor of nothing is not known.
    outcome, answer = outcome[outcome != 0], answer[outcome != 0]

    def errors(tried: np.ndarray) -> np.ndarray:
        return np.abs(outcome[:, None] / tried - answer[:, None])

    factor = factors.estimate(
        outcome,
        float(np.median(np.abs(answer))) if len(answer) else 0.0,
        # As of Laplace's distribution.
        lambda tried: 2 * errors(tried) / lost.expected + 2 * np.log(tried),
    )
    if factor is None:
        return None
    units = {f: said for f, said in factor.known.items() if unit_names.is_likely(said, f, name)}
    tried = np.array([factor.value, *units])
    restored = errors(tried).mean(axis=0) <= lost.expected + lost.threshold
    words = [units[one] for one in tried[1:][restored[1:]]]
    if words:
        return OutcomeFault("look like " + ", or ".join(words[:MOST_NAMED]))
    if moved := _moved(outcome - answer, lost, float(errors(tried[:1]).mean())):
        return moved
    if not restored[0] or abs(np.log(factor.value)) < SURELY * factor.error:
        return None
    return OutcomeFault(
        f"look about {in_form(factor.value, '.2g')} times what they were", plain=False
    )


def _moved(residuals: np.ndarray, lost: Loss, otherwise: float) -> OutcomeFault | None:
    """Say that outcomes look so much more than they were, if errors are then as before.

    And smaller than they would be `otherwise`, by a factor.
    """
    offset = float(np.median(residuals))
    left = np.abs(residuals - offset)
    is_sure = abs(offset) > SURELY * float(left.std()) / max(len(left), 1) ** 0.5
    if not is_sure or left.mean() > min(lost.expected + lost.threshold, otherwise):
        return None
    apart = f"{in_form(abs(offset), '.3g')} {'more' if offset > 0 else 'less'}"
    return OutcomeFault(f"look about {apart} than they were", plain=False)


def _filled(case: Case, lost: Loss) -> OutcomeFault | None:
    """Return the one number that outcomes look filled in with; the world may have it, too."""
    found = filled_outcomes.filled_words(case, lost)
    return OutcomeFault(f"look filled in ({found})", plain=False) if found else None
