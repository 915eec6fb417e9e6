"""What the checks of a judged window measured: read from its run once, and remembered."""

from dataclasses import dataclass
from typing import Any

from shared.kinds import Metric
from shared.runs.records import Record
from shared.runs.window_artifacts import read_once


@dataclass(frozen=True)
class Measured:
    """What a window's checks measured.

    `quality` has for each metric that is judged the value with the ends of its interval, for the
    window itself, what was expected and what was estimated before outcomes came; `challengers` the
    same of the bundles that scored the same rows. `checks` has by column and check the number that
    was measured, and its threshold.
    """

    quality: dict[Metric, dict[str, list[float]]]
    challengers: dict[str, dict[Metric, list[float]]]
    checks: dict[str, dict[str, list[float]]]

    @property
    def excess(self) -> dict[str, float]:
        """How many times its threshold the worst check of each column was."""
        return {
            name: max(number / threshold for number, threshold in checks.values())
            for name, checks in self.checks.items()
        }


def measured(record: Record) -> Measured | None:
    """Return what a window's checks measured, which is remembered; None where its run is gone."""
    return read_once(record, "findings", "measured-2", Measured, _of_findings)


def _of_findings(found: Any) -> Measured:
    checks: dict[str, dict[str, list[float]]] = {}
    for deviation in found.deviations:
        of_column = checks.setdefault(deviation.statistic.column, {})
        ends = [float(deviation.number), float(deviation.threshold)]
        of_column.setdefault(deviation.statistic.check, ends)
    quality, judged = found.quality, list(found.quality.scores) or list(found.quality.estimated)
    sides = {"now": quality.scores, "expected": quality.expected, "estimated": quality.estimated}
    return Measured(
        {
            metric: {side: _ends(of[metric]) for side, of in sides.items() if metric in of}
            for metric in judged
        },
        {
            each.challenger: {metric: _ends(score) for metric, score in each.theirs.items()}
            for each in found.challengers
        },
        checks,
    )


def _ends(score: Any) -> list[float]:
    return [float(score.value), float(score.low), float(score.high)]
