"""The training cards: what came in, how it was split, and which candidate won."""

from typing import Any

from shared import cards
from shared.kinds import METRICS, metric_name
from shared.schema.violations import Violation
from shared.settings import Settings
from shared.settings_text import toml_pairs
from shared.training.fitting.candidates import errors
from shared.words import number_of

Components = list[Any]
Row = dict[str, Any]


def data(facts: dict[str, Any], violations: list[Violation], unread: str = "") -> Components:
    """Draw what the source delivered: facts, violations, missing values, rows per day.

    `unread` says which table was there as well.
    """
    broken, sample = any(violation.enforced for violation in violations), facts.get("sample")
    mood, words = ("bad", "The source breaks its contract") if broken else ("good", "Data loaded")
    rows = [
        {
            "Column": each.column,
            "Problem": each.problem,
            "Rows": each.rows,
            "Share": f"{each.share:.2%}",
            "Examples": ", ".join(each.examples),
            "Stops the run": each.enforced,
        }
        # Those that stop the run are not to be the ones that are left out.
        for each in sorted(violations, key=lambda each: not each.enforced)
    ]
    return [
        *cards.headline(
            mood, words, f"{number_of(facts['rows'], 'row')} from `{facts['source']}`."
        ),
        *([cards.note(f"A sample, by [train] rows: {sample}.")] if sample else []),
        *([cards.note(f"Note: {unread}.")] if unread else []),
        cards.facts(_described(facts)),
        *cards.section("Contract"),
        *(cards.first_rows(rows) if rows else [cards.note("Every row meets the contract.")]),
        *cards.section("Rows and missing values"),
        cards.picture(_rows_and_missing(facts)),
    ]


def parts(spans: list[Row]) -> Components:
    """Draw the spans of time that train, validation and holdout cover."""
    words = "Never shuffled. Rows without an outcome are left out."
    return [*cards.headline("good", "Split by time", words), cards.table(spans)]


def leaderboard(results: list[Row], settings: Settings, done: bool) -> Components:
    """Draw the candidates: fitting, fitted or failed; the best by the selecting metric first."""
    # As a problem without intervals has no metrics of them.
    named = next((list(r["scores"]) for r in results if r["scores"]), METRICS[settings.kind])
    is_searched = any(r.get("params") for r in results)
    is_sample = any(r.get("learnt") for r in results)
    rows = [
        {
            "Candidate": r["candidate"],
            "State": _state(r),
            **({"Learnt from": _learnt(r)} if is_sample else {}),
            **({"Parameters": toml_pairs(r.get("params") or {}) or None} if is_searched else {}),
            **{metric_name(m): str(r["scores"][m]) if r["scores"] else None for m in named},
        }
        for r in results
    ]
    mood, words = ("good", f"{results[0]['candidate']} leads") if done else ("quiet", "Fitting")
    selecting = metric_name(settings.select_by)
    ranking = f"Ranked by {selecting} on the validation rows, with 95% bootstrap intervals."
    if weigh_by := settings.train.weigh_by:
        ranking += f" They learnt from rows weighed by {weigh_by}; here rows count alike."
    if any(r.get("rows") for r in results):
        ranking += " Trials that were fitted on fewer rows went no further, and come after."
    components = [*cards.headline(mood, words, ranking), cards.table(rows)]
    for error, names in errors(results).items():
        components += cards.section(f"{names} failed", f"```\n{error}\n```")
    return components


def _state(result: Row) -> str:
    if result["seconds"] is None:
        return "fitting …"
    rows = f" on {number_of(result['rows'], 'row')}" if result.get("rows") else ""
    seconds = f"{result['seconds']:.1f}\N{NO-BREAK SPACE}s"
    return f"{'failed' if result['error'] else 'fitted'}{rows} in {seconds}"


def _learnt(result: Row) -> str | None:
    return number_of(result["learnt"], "row") if result.get("learnt") else None


def _described(facts: dict[str, Any]) -> Row:
    """Return the facts that are words or numbers, as people write them."""
    described = {k: v for k, v in facts.items() if k not in ("missing", "per_day")}
    for end in ("from", "to"):
        described[end] = cards.moment(facts[end])
    described |= {k: f"{v:.1%}" for k, v in facts.items() if k.startswith("share ")}
    return {k: v for k, v in described.items() if k != "version" or v is not None}


def _rows_and_missing(facts: dict[str, Any]) -> Any:
    missing = {name: share for name, share in facts["missing"].items() if share > 0}
    title = "Missing rate" if missing else "No value is missing"
    if len(missing) > cards.MOST_ROWS:
        title = f"Missing rate (the {cards.MOST_ROWS} highest of {len(missing):,} columns)"
        highest = sorted(missing, key=lambda name: -missing[name])[: cards.MOST_ROWS]
        missing = {name: missing[name] for name in highest}
    figure, (left, right) = cards.figure(10, max(2.6, 0.22 * len(missing) + 1), columns=2)
    days = list(facts["per_day"])
    # One shape: of a bar for each day, every one would be laid out.
    edges = [day - 0.5 for day in range(len(days) + 1)]
    left.stairs(list(facts["per_day"].values()), edges, fill=True)
    ticks = sorted({0, len(days) // 2, len(days) - 1}) if days else []
    left.set_xticks(ticks, [days[t] for t in ticks])
    left.set_title("Rows per day")
    right.barh(list(missing)[::-1], list(missing.values())[::-1], color=cards.SECOND)
    right.set_xlim(0, 1)
    right.set_title(title)
    return figure
