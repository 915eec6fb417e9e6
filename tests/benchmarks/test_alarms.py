"""How often ordinary windows alarm, and how many faults are found, for each kind of answer.

Models and what is usual are of January to April; windows are of May and June. For binary answers
Evidently's defaults and NannyML's univariate drift stand beside.
"""

from pathlib import Path

import pandas as pd
import pytest

from shared.model.verdict import Reason
from shared.training import splits
from tests.benchmarks import drift_peer
from tests.benchmarks.alarm_judges import HEAD, OF_OUTCOMES, Judge, Peer, told
from tests.benchmarks.alarm_windows import IN_A_ROW, SIZES, TRIED_ROWS, Watched
from tests.benchmarks.drift_peer import Chunks, DriftPeer
from tests.benchmarks.feed_faults import OF_WHOLE_WINDOWS
from tests.benchmarks.outcome_faults import OUTCOME_FAULTS, UNCHANGED, OutcomeFault

# Evidently takes seconds for a window: it is given one of so many.
EACH, OF_PEER = 60, 6
# The feed is the same for all kinds: its faults are tried less often once they were with one.
TRIES, TRIES_AGAIN = 10, 2
SEVERITIES = ("large", "small")
# What the problems' settings have; a day is tried as well, in which outcomes vary much more.
WINDOW_DAYS, DAY_TRIES = 7, 5
# Flights an hour late are as many as those a quarter of an hour late in a calm week: within three
# weeks it is found about as often as not.
HIDDEN = ("another definition of late",)


@pytest.mark.timeout(1_800)
def test_ordinary_windows_are_ok(watched: Watched, tmp_path: Path) -> None:
    judge, peer = Judge(watched.bundle, tmp_path / "window.parquet"), Peer(watched.bundle)
    kinds: dict[Chunks, list[pd.DataFrame]]
    kinds = {size: list(watched.in_turn(watched.spans(size, EACH))) for size in SIZES}
    kinds["W"] = list(watched.in_turn(watched.weeks()))
    print(f"\n{'ordinary windows':<18}{'windows':>8}{'not ok':>8}   Evidently: {HEAD}")
    alarms = judged = 0
    for chunks, drawn in kinds.items():
        name = "calendar weeks" if chunks == "W" else f"{chunks:,} rows"
        beyond = [reasons for reasons in map(judge, drawn) if reasons]
        asked = drawn[:: 1 if len(drawn) < EACH else OF_PEER] if watched.has_peer else []
        print(f"{name:<18}{len(drawn):>8}{len(beyond):>8}   {told(list(map(peer, asked)))}")
        for first, *more in beyond:
            print(f"    {first.what}, and {len(more)} more")
        alarms, judged = alarms + len(beyond), judged + len(drawn)
    print(f"{'in all':<18}{judged:>8}{alarms:>8}   {alarms / judged:.2%}; 1% is promised")
    print(f"crashed: {judge.crashed}, Evidently {peer.crashed}")
    _print_drift(watched, kinds, tmp_path / "drift")
    assert judge.crashed == 0
    assert alarms <= 0.01 * judged


def _print_drift(watched: Watched, windows: dict[Chunks, list[pd.DataFrame]], folder: Path) -> None:
    """Print of how many windows NannyML alerts, with all of the model's history as its reference.

    The reference is in chunks of as many rows as a window has, or of a week.
    """
    if not watched.has_peer:
        return
    peer, contract = DriftPeer(folder), watched.bundle.contract
    history, names = splits.within(watched.year, watched.bundle.settings), contract.features
    peer.take("flights", history, names, contract.categorical, contract.time)
    for chunks, drawn in windows.items():
        for window in drawn:
            peer.add("flights", chunks, window)
    alerts = peer.judge()["flights"]
    for chunks, some in alerts.items():
        print(f"NannyML, chunks of {chunks}: {drift_peer.told(some, len(names))}")
    every = [count for some in alerts.values() for count in some]
    print(f"NannyML, {drift_peer.HEAD}: {drift_peer.told(every, len(names))}")


@pytest.mark.timeout(1_800)
def test_faults_are_found_and_the_culprit_is_named(watched: Watched, tmp_path: Path) -> None:
    judge, peer = Judge(watched.bundle, tmp_path / "window.parquet"), Peer(watched.bundle)
    print(f"\n{'fault':<32}{'large: found, named':>20}{'small':>10}   Evidently: {HEAD}")
    tried, found, named = dict.fromkeys(SEVERITIES, 0), dict.fromkeys(SEVERITIES, 0), 0
    theirs: list[tuple[bool, bool]] = []
    asked: dict[Chunks, list[pd.DataFrame]] = {}
    tries = TRIES if watched.has_peer else TRIES_AGAIN
    for fault in watched.feed_faults:
        words, here = [], []
        for severity in SEVERITIES:
            drawn = list(watched.broken(fault, getattr(fault, severity), tries))
            beyond = [reasons for reasons in map(judge, drawn) if reasons]
            first = sum(reasons[0].column in fault.culprits for reasons in beyond)
            tried[severity] += len(drawn)
            found[severity] += len(beyond)
            named += first
            words.append(f"{len(beyond)}, {first}")
            here += [peer(drawn[0])] if watched.has_peer else []
            chunks: Chunks = "W" if fault in OF_WHOLE_WINDOWS else TRIED_ROWS[0]
            asked.setdefault(chunks, []).append(drawn[0])
        theirs += here
        print(f"{fault.name:<32}{words[0]:>20}{words[1]:>10}   {told(here)}")
    shares = {severity: found[severity] / tried[severity] for severity in tried}
    print(f"found: {shares['large']:.1%} of the large, {shares['small']:.1%} of the small")
    print(f"the culprit first: {named / sum(found.values()):.1%} of those found")
    print(f"Evidently: {told(theirs)}; crashed {peer.crashed}")
    _print_drift(watched, asked, tmp_path / "drift")
    assert judge.crashed == 0
    assert shares["large"] >= 0.95
    assert shares["small"] >= 0.8
    assert named >= 0.9 * sum(found.values())


@pytest.mark.timeout(1_800)
def test_faults_of_outcomes_are_found_within_three_windows(
    watched: Watched, tmp_path: Path
) -> None:
    judge = Judge(watched.bundle, tmp_path / "window.parquet")
    calm = _count(_alarms(judge, watched, UNCHANGED, 0.0, WINDOW_DAYS, TRIES))
    print(f"\nordinary weeks, three in a row: {calm} of {TRIES} with an alarm of outcomes")
    tried = found = soon = 0
    print(f"{'fault of outcomes':<32}{'weeks: large, small':>20}{'days: large, small':>20}")
    for fault in OUTCOME_FAULTS[watched.bundle.task.kind]:
        words = f"{fault.name:<32}"
        for days, tries in ((WINDOW_DAYS, TRIES), (1, DAY_TRIES)):
            seen = [
                _alarms(judge, watched, fault, getattr(fault, each), days, tries)
                for each in SEVERITIES
            ]
            words += f"{_count(seen[0])}, {_count(seen[1])} of {tries}".rjust(20)
            if days == WINDOW_DAYS and fault.name not in HIDDEN:
                tried, found = tried + tries, found + _count(seen[0])
                soon += _count(seen[0], within=2)
        print(words)
    print(f"found in weeks: {found / tried:.1%} of the large, without {', '.join(HIDDEN)}")
    print(f"within two of them: {soon / tried:.1%}")
    assert judge.crashed == 0
    assert calm == 0
    assert found >= 0.95 * tried


def _alarms(
    judge: Judge, watched: Watched, fault: OutcomeFault, severity: float, days: int, tries: int
) -> list[list[bool]]:
    """Tell of each try which of three windows in a row tell of the outcomes."""
    runs = watched.mistaken(fault, severity, days, tries)
    return [[*map(_of_outcomes, judge.in_a_row(windows))] for windows in runs]


def _count(runs: list[list[bool]], within: int = IN_A_ROW) -> int:
    """Return how many of the tries tell of them within so many windows."""
    return sum(any(run[:within]) for run in runs)


def _of_outcomes(reasons: tuple[Reason, ...]) -> bool:
    """Tell whether a verdict blames outcomes, or what they are judged by."""
    return any(reason.stage in OF_OUTCOMES for reason in reasons)
