"""What slates would be worth by the model and by the champion, from the log of those shown."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.model.evaluation import GateResult, OffPolicyComparison
from shared.model.target_policy import TargetPolicy, bundle_policy, shown_slates
from shared.policies.off_policy import (
    Estimate,
    OffPolicyValue,
    off_policy_value,
    value_difference,
)
from shared.policies.policy_log import PolicyLog
from shared.schema.columns import Columns
from shared.schema.contract import Contract
from shared.settings import Settings
from shared.tables.items import read_items
from shared.tasks.metrics import Score

Logs = tuple[PolicyLog, PolicyLog]
END = datetime(2200, 1, 1, tzinfo=UTC)
# Of the log, and of slates times items: some 10 s of a core for each of two policies.
MOST_ROWS = MOST_SCORED = 1_000_000


def compare_off_policy(
    scores: Callable[[Columns], np.ndarray],
    holdout: pd.DataFrame,
    contract: Contract,
    champion: Bundle | None,
    settings: Settings,
) -> OffPolicyComparison | None:
    """Compare a model's slates with the champion's, both explored as the settings say.

    `scores` are the model's of rows. The slates are the newest with an outcome that were shown
    since the holdout began: the model has learnt from none of them. None where there is no
    champion, no slates, or no such gate.
    """
    ranking = contract.ranking
    if champion is None or ranking is None or not settings.gates.not_worse_off_policy:
        return None
    since = pd.to_datetime(holdout[settings.time], utc=True).min().to_pydatetime()
    begun = since.isoformat(timespec="minutes")
    try:
        items = read_items(settings, contract)
        if items is None:
            raise Refusal("what else a slate could have shown is not known without [ranking] items")
        own = TargetPolicy(contract, ranking, items.to_pandas(), settings.explore, scores)
        theirs = replace(bundle_policy(champion), explore=settings.explore)
        logged = _logged(settings.name, contract, since)
        for policy in (own, theirs):
            _refuse_unlogged(policy, logged, holdout)
        rows = shown_slates(logged)
        rows = rows[own.chooses(rows) & theirs.chooses(rows)]
        rows = _newest(rows, max(1, MOST_SCORED // len(own.items)))
        logs = own.log(rows)[0], theirs.log(rows)[0]
        depth, logs, values = _deepest(logs)
    except Refusal as refusal:
        return OffPolicyComparison(since=begun, unsupported=f"cannot tell: {refusal}")
    found = OffPolicyComparison(since=begun, slates=rows["slate"].nunique(), positions=depth)
    for value, whose in zip(values, ("", "of the champion, "), strict=True):
        if value.unsupported:
            words = value.unsupported.replace(": ", f": {whose}", 1)
            return found.model_copy(update={"unsupported": words})
    mine, its = (_score(_snips(value.estimates)) for value in values)
    difference = _score(value_difference(*logs))
    return found.model_copy(update={"own": mine, "champion": its, "difference": difference})


def off_policy_gate(compared: OffPolicyComparison | None) -> list[GateResult]:
    """Return the gate that a comparison is held against; none where it cannot tell."""
    if not compared or not compared.difference:
        return []
    high = compared.difference.high
    rule = "clicks a position off-policy, less the champion's (upper end of the 95% interval), "
    return [GateResult(gate=f"{rule}at least", limit=0.0, measured=high, passed=high >= 0)]


def _deepest(logs: Logs) -> tuple[int, Logs, list[OffPolicyValue]]:
    """Return how many of a slate's first positions the log supports both policies in, and these.

    Chances multiply down a slate: of its first positions a log can tell more. No outcome has a say
    in how many they are. Where none is supported, it is the first.
    """
    depth = int(logs[0].position.max())
    while True:
        first = [log.first_positions(depth) for log in logs]
        values = [off_policy_value(log) for log in first]
        if depth == 1 or not any(value.unsupported for value in values):
            return depth, (first[0], first[1]), values
        depth -= 1


def _logged(problem: str, contract: Contract, since: datetime) -> pd.DataFrame:
    """Return the log's rows since then, the newest where they are very many."""
    # Here, since it imports SQLAlchemy, and most models are compared with no log.
    from shared.log.opening import opened_log

    with opened_log(problem, contract) as log:
        if log.predictions.size(since, END) > MOST_ROWS:
            since = max(since, log.predictions.latest(MOST_ROWS)[-1][0])
        return log.predictions.window(since, END)


def _refuse_unlogged(policy: TargetPolicy, logged: pd.DataFrame, holdout: pd.DataFrame) -> None:
    """Raise `Refusal` where the log does not know what the model is asked with."""
    asked = [name for name in policy.contract.features if name not in policy.items]
    for name in asked:
        never = name not in logged or (len(logged) and logged[name].isna().all())
        if never and (name not in holdout or holdout[name].notna().any()):
            raise Refusal(f"the log has no value of the feature {name!r}")


def _newest(rows: pd.DataFrame, slates: int) -> pd.DataFrame:
    """Return the rows of so many slates with an outcome, those shown last."""
    shown = rows[rows["outcome"].notna()].groupby("slate")["time"].max()
    if shown.empty:
        raise Refusal("no slate that both could have chosen has an outcome yet")
    return rows[rows["slate"].isin(shown.nlargest(slates).index)]


def _snips(estimates: tuple[Estimate, ...]) -> Estimate:
    return next(estimate for estimate in estimates if estimate.name == "SNIPS")


def _score(estimate: Estimate) -> Score:
    return Score(estimate.value, estimate.low, estimate.high)
