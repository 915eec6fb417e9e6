"""What a window shows where the model's own answers decide which outcomes are ever seen."""

from collections.abc import Iterable
from datetime import datetime

from shared.model.verdict import Verdict
from shared.monitoring.case import Case
from shared.tasks.binary import selective_labels
from shared.tasks.binary.selective_labels import SelectionCheck, WindowSelection


def read(case: Case) -> WindowSelection | None:
    """Measure a window's rows that were decided about; None where there are none."""
    found, action = case.window.selected, case.bundle.contract.action
    if found is None or action is None:
        return None
    return selective_labels.measure(
        found, case.bundle.digest, action.let_through, case.settings.seed
    )


def check(
    now: WindowSelection | None, case: Case, earlier: Iterable[Verdict]
) -> SelectionCheck | None:
    """Hold what was let through against what the model said of it, with the windows before."""
    if now is None:
        return None
    windows = [*windows_before(case, earlier), now]
    return selective_labels.check(windows, case.monitor.false_alarms)


def windows_before(case: Case, earlier: Iterable[Verdict]) -> list[WindowSelection]:
    """Return what each window before shows by its latest verdict, the first first."""
    found: dict[str, WindowSelection] = {}
    for old in sorted(earlier, key=lambda one: one.judged_at):
        ended = old.until and case.start and datetime.fromisoformat(old.until) <= case.start
        if old.selection and ended and old.source == case.scope.source:
            found[str(old.until)] = old.selection
    return [found[until] for until in sorted(found)]
