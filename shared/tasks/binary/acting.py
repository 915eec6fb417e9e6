"""A target that is true or false whose prediction decides whether its outcome is ever seen."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from shared.log_columns import PREDICTION
from shared.policies.let_through import decide
from shared.policies.training_weights import row_weights
from shared.schema.contract import ContractColumn
from shared.sections.answers import Action
from shared.settings import Settings
from shared.tasks.binary.binary_task import Binary
from shared.tasks.task import AnswerColumn, Rows, Rule, SeenBy, chance_column

DECIDED = (
    AnswerColumn(
        ContractColumn(name="action", type="boolean"),
        "whether to act on the prediction; false where the row is let through by chance",
    ),
    AnswerColumn(chance_column("propensity"), "the chance that the row's outcome is seen"),
)


@dataclass(frozen=True)
class Acting(Binary):
    """The task of a binary target that is acted on; chance is of each row's `key`."""

    action: Action = field(kw_only=True)
    key: str = field(kw_only=True)

    @property
    def columns(self) -> tuple[AnswerColumn, ...]:
        """What a target that is true or false is answered; and what to do."""
        return (*super().columns, *DECIDED)

    @property
    def seen_by(self) -> SeenBy:
        """The chance that each row was let through."""
        return SeenBy(("action", "propensity"), "a policy without action", _let_through_weights)

    def answers(self, scores: np.ndarray, rule: Rule, rows: Rows) -> dict[str, np.ndarray]:
        """Return the answers to a target that is true or false, and what is done about them."""
        answered = super().answers(scores, rule, rows)
        decided = decide(answered[PREDICTION], self._keys(rows), self.action)
        return answered | {"action": decided.acted, "propensity": decided.propensity}

    def counts(self, rows: pd.DataFrame, settings: Settings) -> np.ndarray | None:
        """Return the weights of [train]: a row let through stands for those that were not."""
        return row_weights(rows, settings)

    def _keys(self, rows: Rows) -> Iterable[Any] | None:
        try:
            return rows[self.key]
        except KeyError:
            return None


def _let_through_weights(rows: Rows) -> np.ndarray:
    """Return 1 over the chance of rows that were not acted on, and nothing for the others."""
    acted = rows["action"].to_numpy(object) == True  # noqa: E712
    propensity = rows["propensity"].to_numpy("float64")
    return np.where(acted, 0.0, 1 / np.where(acted | np.isnan(propensity), 1.0, propensity))
