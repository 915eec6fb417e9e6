"""What happens in the demo, and when, as its runs recorded it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from shared import command_words
from shared.board import ADDRESS, PORT
from shared.demo.weeks import WEEK, Replayed
from shared.errors import Refusal
from shared.kinds import metric_name
from shared.model.evaluation import Evaluation
from shared.model.verdict import Verdict
from shared.settings import Settings

SHOWN = ("roc_auc", "log_loss")
REVIEWER = "the demo's reviewer"
REASON = "its gates passed, and its bundle was verified"
BETTER = "on the same rows it is better than the champion (95% interval)"
FIRST = pd.Timestamp("2013-04-01", tz="UTC")
ORDINARY, BROKEN = FIRST + WEEK, FIRST + 2 * WEEK
LOST, BESIDE = pd.Timestamp("2013-06-24", tz="UTC"), pd.Timestamp("2013-07-08", tz="UTC")


def span(week: pd.Timestamp) -> str:
    """Return a week as people say it: its first and its last day."""
    return f"{week:%-d %B} to {week + WEEK - pd.Timedelta(days=1):%-d %B}"


def what_happened(
    settings: Settings, replayed: Replayed, verdicts: list[Verdict], pages: Path
) -> dict[str, str]:
    """Return a line for each thing that happened, from what the runs recorded."""
    from shared.lineage import run_history

    again, first = _data(run_history.runs("TrainFlow", settings.name))
    challenger, packaged = _data(run_history.runs("PackageFlow", settings.name))
    ordinary, broken, lost, beside = verdicts
    fitted = [entry["candidate"] for entry in first.leaderboard if entry["scores"]]
    return {
        "trained": f"{', '.join(fitted)}; {first.chosen['candidate']} was best by "
        f"{metric_name(settings.select_by)}",
        "judged": f"{_auc(first)} in March (the base rates alone: "
        f"{_evaluation(first).comparisons['baseline'].scores['roc_auc'].value:.3f})",
        "packaged": f"bundle {packaged.digest[:12]} passed "
        f"{len(packaged.verification['checks'])} checks in a clean environment",
        "approved": f'by {REVIEWER}: "{REASON}"',
        "served": f"{replayed.answered:,} flights from April on in {replayed.seconds:.0f} s, "
        "each logged before it was answered",
        "outcomes": f"{replayed.outcomes:,} arrived {settings.monitor.outcome_delay_days:g} "
        "days after the flight",
        "monitored": f"{span(ORDINARY)}: {ordinary.words}",
        "broken": f"{span(BROKEN)}: the weather feed switched to Celsius without notice",
        "noticed": f"{span(BROKEN)}: {_reasons(broken)}",
        "lost": f"{span(LOST)}: {_reasons(lost)}",
        "retrained": f"on all rows until then: {again.chosen['candidate']}, {_auc(again)} in June",
        "beside": f"{span(BESIDE)}: {_beside(beside, challenger.digest)}",
        "decided": f'{challenger.digest[:12]} is the champion, by {REVIEWER}: "{BETTER}"',
        "cards": f"open {pages.as_uri()}",
        "board": f"http://{ADDRESS}:{PORT}/decide/{settings.name}/{challenger.digest[:12]} has "
        f"this decision, while `{command_words.millrace('board')}` runs in this folder",
    }


def _auc(trained: Any) -> str:
    return f"ROC AUC {_evaluation(trained).scores['roc_auc'].value:.3f}"


def _data(runs: Iterable[Any]) -> list[Any]:
    return [run.data for run in runs]


def _evaluation(trained: Any) -> Evaluation:
    return Evaluation.model_validate(trained.evaluation)


def _reasons(verdict: Verdict) -> str:
    return f"{verdict.level.capitalize()}: " + ", ".join(r.what for r in verdict.reasons)


def _beside(verdict: Verdict, challenger: str) -> str:
    """Compare the challenger on the same rows; it is approved only if it is better."""
    compared = {each.challenger: each for each in verdict.comparisons}.get(challenger)
    if not compared or not compared.better or compared.worse:
        raise Refusal(f"the challenger {challenger[:12]} is not better on the same rows")
    names = [(metric_name(name), name) for name in SHOWN]
    pairs = [
        f"{word} {compared.own[name].value:.3f} → {compared.theirs[name].value:.3f}"
        for word, name in names
    ]
    return f"the challenger on the same {compared.received:,} rows: {', '.join(pairs)}"
