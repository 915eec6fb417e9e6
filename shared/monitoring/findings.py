"""What a window shows, held against the bundle's contract, profile and promise."""

from dataclasses import dataclass
from typing import cast

from shared.data import checks, profile
from shared.data.checks import Breach
from shared.data.profile import Profile
from shared.monitoring import drift, quality, service
from shared.monitoring.drift import Shift
from shared.monitoring.quality import Quality
from shared.monitoring.service import Service
from shared.monitoring.verdict import State
from shared.monitoring.window import Window
from shared.packaging.bundle import Bundle
from shared.settings import Monitor, Settings


@dataclass(frozen=True)
class Findings:
    """A window's state, breaches of the contract, shifts of columns, quality and service.

    A window without rows has neither breaches nor shifts, and one from a file has no service.
    """

    state: State
    breaches: tuple[Breach, ...]
    shifts: tuple[Shift, ...]
    quality: Quality
    service: Service | None


def find(window: Window, bundle: Bundle, settings: Settings) -> Findings:
    """Compare a window with what its bundle knows."""
    rows, contract = window.rows, bundle.contract
    breaches, shifts = [], []
    if len(rows):
        breaches = checks.check(rows, contract, target=contract.target in rows)
        before = cast(Profile, bundle.profile)
        shifts = drift.compare(before, profile.of(rows, contract, before), contract)
    return Findings(
        state=_state(window, settings.monitor),
        breaches=tuple(breaches),
        shifts=tuple(shifts),
        quality=quality.judge(rows, contract, bundle.evaluation, settings, window.read_at),
        service=service.add_up(window.minutes) if window.minutes is not None else None,
    )


def _state(window: Window, monitor: Monitor) -> State:
    if not len(window.rows):
        if window.others:
            return "other bundles"
        return "no log" if window.minutes is not None and window.newest is None else "empty"
    return "too few rows" if len(window.rows) < monitor.minimum_rows else "judged"
