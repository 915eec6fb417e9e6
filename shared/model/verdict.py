"""The verdict on a window: what MonitorFlow finds, and reviewers, the board and the demo read.

Runs keep it as a plain dict; `read_verdict` reads those of older versions too.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import AliasChoices, Field

from shared.kept import Kept
from shared.kinds import Metric, metric_name, metric_text
from shared.model.comparisons.agreement import Agreement
from shared.policies.feedback_checks import FeedbackCheck
from shared.policies.feedback_measures import WindowFeedback
from shared.tasks.binary.selective_labels import SelectionCheck, WindowSelection
from shared.tasks.metrics import Score
from shared.words import list_of

Level = Literal["ok", "watch", "act"]
State = Literal["judged", "no log", "empty", "other bundles", "too few rows"]
Stage = Literal[
    "contract",
    "answers",
    "feed",
    "service",
    "feedback loop",
    "inputs",
    "predictions",
    "outcomes",
    "quality",
]
Change = Literal["opened", "worse", "lasting", "closed"]
SERIOUS: tuple[Level, ...] = ("act", "watch", "ok")
# Windows that are so much of a window's length apart have a gap between them.
GAP = 0.5
MOODS: dict[Level, str] = {"ok": "good", "watch": "warn", "act": "bad"}


class Reason(Kept):
    """One thing that passed its threshold.

    `what` names it in a few words, `column` the culprit where there is one, and `beside` the
    columns that have it in the same rows; `check` is the column's statistic. `number` and
    `threshold` are in `unit`, `baseline` says where the threshold comes from, `likely_cause` what
    is probably behind it, and `next_step` what a person does about it. `since` is the start of the
    first window that showed it.
    """

    level: Level
    stage: Stage
    what: str
    column: str | None = None
    number: float
    threshold: float
    unit: str
    next_step: str
    baseline: str | None = Field(default=None, validation_alias=AliasChoices("baseline", "usual"))
    likely_cause: str | None = Field(
        default=None, validation_alias=AliasChoices("likely_cause", "likely")
    )
    beside: tuple[str, ...] = ()
    check: str | None = None
    since: str | None = None

    @property
    def subject(self) -> str:
        """What the reason is about: its column, or else its stage."""
        return self.column or self.stage


class Incident(Kept):
    """A problem with one subject: a column, or what else can go wrong, such as `quality`.

    `since` is the start of the first window that showed it, and `windows` how many have in a row;
    `change` is what the last of them made of it.
    """

    subject: str
    level: Level
    what: str
    since: str | None
    windows: int
    change: Change


class Evidence(Kept):
    """A trait of the answers in a window, and what it was over so many windows up to this one.

    Their `mean` is held against what history `expected` on its spans of so many `hours`, from which
    it may be as far as `reach`: below it where `side` is -1, above it where it is 1, either where
    it is 0. A `ratio` is a logarithm, and is shown without it. `since` is the start of the first
    of several windows. Where the window had `few` outcomes, they are so many; and where all of the
    windows together have too few to judge by, the sum is `open`, and proves nothing yet.
    """

    trait: str
    value: float
    error: float
    mean: float
    windows: int
    since: str | None
    expected: float
    reach: float
    side: int
    ratio: bool
    hours: int
    blocks: int
    few: int | None = None
    open: bool = False

    @property
    def excess(self) -> float:
        """How many times its reach the mean is away, to the side where it is wrong."""
        if self.open:
            return 0.0
        apart = self.mean - self.expected
        return (self.side * apart if self.side else abs(apart)) / self.reach

    def shown(self, number: float) -> str:
        """Write a value of the trait as people read it."""
        if self.ratio and self.side:
            # A size, of whatever unit.
            return metric_text(math.exp(number))
        return f"{math.exp(number):.2f} times" if self.ratio else metric_text(number)


# A dataclass, as the findings of older runs hold it in pickles.
@dataclass(frozen=True)
class ChallengerComparison:
    """A challenger beside the bundle that was judged, on the rows that both scored.

    `received` of the `rows` have an outcome. `differences` are the challenger's scores less the
    bundle's, paired; it is `better` or `worse` by the metrics whose interval leaves out zero. Too
    few outcomes leave all of them empty. Where answers decide what is seen, rows are weighed by 1
    over the chance that they had of it and `weighed` as so many rows, or `unweighed` says why not.
    """

    challenger: str
    rows: int
    received: int
    own: dict[Metric, Score]
    theirs: dict[Metric, Score]
    differences: dict[Metric, Score]
    better: tuple[Metric, ...]
    worse: tuple[Metric, ...]
    weighed: float | None = None
    unweighed: str | None = None

    def words(self, between: str = " and ") -> str:
        """Say by which metrics the challenger is better and worse, with a word between the two."""
        named = {"better": self.better, "worse": self.worse}
        sides = [f"{how} by {list_of([*map(metric_name, by)])}" for how, by in named.items() if by]
        return between.join(sides) or "neither better nor worse"


class Verdict(Kept):
    """What to make of a window: the level, in words, why, and what to do next.

    `start`, `until` and `judged_at` are ISO times; `other_rows` are those that other bundles
    answered. `blind` are notes of columns of which a check could find nothing, mostly the same from
    window to window. `agreement` is that of the answers with the model's, None where none had been
    given. Where the feed is broken, or outcomes look inverted, the rows are not `believable`: none
    is to be trained on. `evidence` is of what adds up over windows. A verdict has `incidents` once
    it has been compared with earlier ones. `arrived` is the share of the outcomes due that had come
    when it was reached. `feedback` is what slates show of the model's influence
    on its own data, and `feedback_checks` what they prove together with the windows before;
    `selection` and `selection_check` are the same where answers decide which outcomes are seen.
    """

    level: Level = Field(
        validation_alias=AliasChoices("level", "verdict"), serialization_alias="verdict"
    )
    words: str
    reasons: tuple[Reason, ...]
    next_action: str
    comparisons: tuple[ChallengerComparison, ...] = Field(
        default=(), validation_alias=AliasChoices("comparisons", "challengers")
    )
    notes: tuple[str, ...] = ()
    blind: tuple[str, ...] = ()
    state: State
    problem: str
    bundle: str
    source: str
    start: str | None
    until: str | None
    rows: int
    other_rows: int
    judged_at: str
    agreement: Agreement | None = None
    believable: bool = True
    evidence: tuple[Evidence, ...] = ()
    incidents: tuple[Incident, ...] | None = None
    arrived: float | None = None
    feedback: WindowFeedback | None = None
    feedback_checks: tuple[FeedbackCheck, ...] = ()
    selection: WindowSelection | None = None
    selection_check: SelectionCheck | None = None


def gap_between(before: Verdict, after: Verdict) -> timedelta | None:
    """Return the time between two windows; None for one below half of the first one's length."""
    ends = (before.start, before.until, after.start)
    if None in ends:
        return None
    start, until, begins = (datetime.fromisoformat(str(end)) for end in ends)
    gap = begins - until
    return gap if gap > GAP * (until - start) else None


def read_verdict(kept: Mapping[str, Any]) -> Verdict:
    """Read a verdict that a run kept, also one of an older Millrace."""
    return Verdict.model_validate(kept)
