"""A case: a window, and what it is judged by."""

from dataclasses import dataclass
from datetime import datetime

from shared.baseline.baseline_profile import BaselineProfile
from shared.model.bundle import Bundle
from shared.monitoring.scope import Scope
from shared.monitoring.window import Window
from shared.profiles.profile import Profile
from shared.sections import Monitor
from shared.settings import Settings


@dataclass(frozen=True)
class Case:
    """The rows of a window, the scope that they were read from, and the bundle and settings."""

    window: Window
    scope: Scope
    bundle: Bundle
    settings: Settings

    @property
    def profile(self) -> Profile:
        """What was counted of the window's rows."""
        return self.window.profile

    @property
    def baseline(self) -> BaselineProfile:
        """What the bundle has learnt of its problem's history."""
        return self.bundle.baseline

    @property
    def monitor(self) -> Monitor:
        """What the settings ask of the monitor."""
        return self.settings.monitor

    @property
    def start(self) -> datetime | None:
        """Where the window starts: the log's span does, or a file's first row is."""
        return self.scope.start or self.window.first

    @property
    def until(self) -> datetime | None:
        """Where the window ends: the log's span does, or a file's last row is."""
        return self.scope.until or self.window.last
