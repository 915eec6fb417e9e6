"""Learning a baseline profile: how far a problem's own history was from itself, span by span."""

import numpy as np
import pyarrow as pa

from shared.baseline import arrivals, baseline_profile, statistics
from shared.baseline.baseline_profile import BaselineProfile, BaselineSpan
from shared.baseline.blocks import Blocks
from shared.baseline.history import Parts, history_in_cells
from shared.baseline.noise import sampling_noise
from shared.schema.arrow import HOUR_SECONDS
from shared.schema.contract import Contract

SPANS_HOURS = (3, 8, 16, 24, 36, 60, 84, 108, 132, 168, 252, 336, 504, 756, 1_512, 2_268, 4_536)
# A share of the false alarms that is left to chance alone; the rest is for what varies in time.
BY_CHANCE = 0.25


def learn(
    table: pa.Table,
    contract: Contract,
    false_alarms: float,
    share: float = 1.0,
    calendar: str | None = None,
    whole: Parts | None = None,
) -> BaselineProfile:
    """Learn the baseline profile of a problem from a table with the features and the score.

    `false_alarms` is the chance that an ordinary window is to pass a threshold. Rows without a time
    that can be read are left out. Where the table is a sample, it is such a `share` of the history:
    as many times more rows are expected in a window. A `calendar` says which days are holidays.
    Where the table is an even sample of a `whole`, that is what the share is of.
    """
    history = history_in_cells(table, contract, calendar, whole)
    taken = history.table.num_rows / history.known_rows.rows
    plan, total, moments = history.plan, history.total, history.moments
    checks = len(statistics.measure(total, total, plan, history.inverse))
    chance = BY_CHANCE * false_alarms / checks
    noise = sampling_noise(total, plan, chance, history.residual_spread())
    blocks = Blocks(history, noise, false_alarms)
    spans: list[BaselineSpan] = []
    for hours in SPANS_HOURS:
        if span := blocks.learn_span(hours, spans[-1] if spans else None):
            spans.append(span)
    per_hour = blocks.comparer.block_rows.level() * np.array(history.per_hour) / (share * taken)
    return BaselineProfile(
        plan=plan,
        counts={name: found.tolist() for name, found in total.items()},
        false_alarms=false_alarms,
        chance=chance,
        noise={baseline_profile.statistic_key(s): n for s, n in noise.items()},
        spans=tuple(spans),
        per_hour=tuple(per_hour.tolist()),
        repeated=history.repeated,
        # Of a sample it is not known which rows stood side by side.
        known_rows=history.known_rows.model_copy(update={} if share == 1 else {"side_by_side": ()}),
        hours=float(moments[-1] - moments[0]) / HOUR_SECONDS,
        until=float(moments[-1]),
        silence=arrivals.repeated_silence(moments, per_hour, history.holidays),
        days=history.day_counts,
        holidays=history.holidays,
    )
