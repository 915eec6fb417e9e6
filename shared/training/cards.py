"""The training cards: what came in, which candidate won, and what it is worth."""

from typing import Any

from shared import cards
from shared.schema.violations import Violation
from shared.settings import METRICS, Metric
from shared.tasks.metrics import metric_name

Components = list[Any]


def data(facts: dict[str, Any], violations: list[Violation]) -> Components:
    """Draw what the source delivered: facts, violations, missing values, rows per day."""
    broken = [b for b in violations if b.enforced]
    mood, words = (
        ("bad", "The source breaks its contract") if broken else ("good", "The data is in")
    )
    listed = [
        {
            "Column": b.column,
            "Problem": b.problem,
            "Rows": b.rows,
            "Share": f"{b.share:.2%}",
            "Examples": ", ".join(b.examples),
            "Stops the run": b.enforced,
        }
        for b in violations
    ]
    summary = {k: v for k, v in facts.items() if k not in ("missing", "per_day")}
    return [
        *cards.headline(mood, words, f"{facts['rows']:,} rows from `{facts['source']}`."),
        cards.facts(summary),
        *cards.section("Contract"),
        cards.table(listed) if listed else cards.note("Every row keeps to the contract."),
        *cards.section("Rows and missing values"),
        cards.picture(_rows_and_missing(facts)),
    ]


def parts(spans: list[dict[str, Any]]) -> Components:
    """Draw the spans of time that train, validation and holdout cover."""
    told = "By time, never shuffled. Rows without an outcome are left out."
    return [*cards.headline("good", "Split", told), cards.table(spans)]


def leaderboard(results: list[dict[str, Any]], metric: Metric, done: bool) -> Components:
    """Draw the candidates: fitting, fitted or failed; the best by `metric` first."""
    rows = [
        {
            "Candidate": r["candidate"],
            "State": "failed" if r["error"] else ("fitted" if r["scores"] else "fitting …"),
            **{metric_name(m): str(r["scores"][m]) if r["scores"] else None for m in METRICS},
            "Seconds": r["seconds"],
        }
        for r in results
    ]
    words = f"{results[0]['candidate']} leads" if done else "Fitting"
    told = f"On the validation rows, by {metric_name(metric)}. Intervals are 95 % bootstrap."
    drawn = [*cards.headline("good" if done else "quiet", words, told), cards.table(rows)]
    for result in results:
        if result["error"]:
            drawn += cards.section(f"{result['candidate']} failed", f"```\n{result['error']}\n```")
    return drawn


def evaluation(result: dict[str, Any]) -> Components:
    """Draw the verdict of the gates first, then the scores, pictures and slices."""
    words = "May be packaged" if result["passed"] else "May not be packaged"
    told = (
        f"**{result['candidate']}** on {result['rows']:,} held-out rows, "
        f"{result['positives'] / result['rows']:.1%} of them positive. "
        + ("Every gate holds." if result["passed"] else "A gate does not hold.")
    )
    gates = [
        {
            "Gate": g["gate"],
            "Limit": g["limit"],
            "Measured": g["measured"],
            "Holds": cards.MARKS["good" if g["passed"] else "bad"],
        }
        for g in result["gates"]
    ]
    return [
        *cards.headline("good" if result["passed"] else "bad", words, told),
        cards.table(gates),
        *map(cards.note, result["notes"]),
        *cards.section(
            "Scores", "On the holdout, with 95 % bootstrap intervals; differences paired."
        ),
        cards.table(_score_rows(result)),
        *cards.section("Pictures"),
        cards.picture(_curves(result)),
        *cards.section("What the model leans on"),
        cards.picture(_importance(result["importance"])),
        *cards.section("Slices", "Small ones (below 200 rows) are marked; read them with care."),
        cards.table(_slice_rows(result)),
    ]


def _score_rows(result: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for name in METRICS:
        row = {"Metric": metric_name(name), "Model": _interval(result["scores"][name])}
        for rival, values in result["rivals"].items():
            row[f"The {rival}"] = _interval(values["scores"][name])
            row[f"Model minus {rival}"] = _interval(values["difference"][name], signed=True)
        rows.append(row)
    return rows


def _interval(score: dict[str, float], signed: bool = False) -> str:
    plus = "+" if signed else ""
    return f"{score['value']:{plus}.4f} [{score['low']:{plus}.4f}, {score['high']:{plus}.4f}]"


def _slice_rows(result: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "Slice": s["slice"] + (" (small)" if s["small"] else ""),
            "Rows": s["rows"],
            "Observed": f"{s['observed']:.1%}",
            "Predicted": f"{s['predicted']:.1%}",
            metric_name("roc_auc"): _interval(s["scores"]["roc_auc"]),
            metric_name("log_loss"): _interval(s["scores"]["log_loss"]),
        }
        for s in result["slices"]
    ]


def _rows_and_missing(facts: dict[str, Any]) -> Any:
    missing = {name: share for name, share in facts["missing"].items() if share > 0}
    figure, (left, right) = cards.figure(10, max(2.6, 0.22 * len(missing) + 1), columns=2)
    left.bar(range(len(facts["per_day"])), list(facts["per_day"].values()), width=1.0)
    days = list(facts["per_day"])
    ticks = sorted({0, len(days) // 2, len(days) - 1}) if days else []
    left.set_xticks(ticks, [days[t] for t in ticks])
    left.set_title("Rows per day")
    right.barh(list(missing)[::-1], list(missing.values())[::-1], color=cards.SECOND)
    right.set_xlim(0, 1)
    right.set_title("Share of missing values" if missing else "No value is missing")
    return figure


def _curves(result: dict[str, Any]) -> Any:
    figure, (roc, recall, calibration, confusion) = cards.figure(13, 3.2, columns=4)
    roc.plot(*result["curves"]["roc"])
    roc.plot([0, 1], [0, 1], color=cards.QUIET, lw=0.8, ls=":")
    roc.set(title="ROC", xlabel="False positive rate", ylabel="True positive rate")
    recall.plot(*result["curves"]["precision_recall"])
    recall.axhline(result["positives"] / result["rows"], color=cards.QUIET, lw=0.8, ls=":")
    recall.set(title="Precision and recall", xlabel="Recall", ylabel="Precision", ylim=(0, 1))
    bins = result["calibration"]
    calibration.plot(
        [b["predicted"] for b in bins], [b["observed"] for b in bins], marker="o", ms=4
    )
    top = 1.05 * max([b[k] for b in bins for k in ("predicted", "observed")] + [0.1])
    calibration.plot([0, top], [0, top], color=cards.QUIET, lw=0.8, ls=":")
    calibration.set(title="Calibration", xlabel="Predicted", ylabel="Observed")
    _draw_confusion(confusion, result)
    return figure


def _draw_confusion(axes: Any, result: dict[str, Any]) -> None:
    counts = result["confusion"]
    axes.imshow(counts, cmap="Blues", vmax=1.3 * max(map(max, counts)))
    for row in (0, 1):
        for column in (0, 1):
            axes.text(column, row, f"{counts[row][column]:,}", ha="center", va="center")
    axes.set_xticks([0, 1], ["false", "true"])
    axes.set_yticks([0, 1], ["false", "true"])
    axes.set(title=f"At threshold {result['threshold']:.2f}", xlabel="Predicted", ylabel="Observed")


def _importance(rows: list[dict[str, Any]]) -> Any:
    figure, axes = cards.figure(10, max(2.0, 0.24 * len(rows) + 0.8))
    shown = rows[::-1]
    axes.barh(
        [r["feature"] for r in shown],
        [r["roc_auc"] for r in shown],
        xerr=[r["spread"] for r in shown],
        error_kw={"elinewidth": 0.8, "ecolor": cards.QUIET},
    )
    axes.set_title("ROC AUC lost when the feature is shuffled (2,000 held-out rows, 3 times)")
    return figure
