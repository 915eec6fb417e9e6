"""The training cards: what came in, which candidate won, and what it is worth."""

from typing import Any

from shared import cards
from shared.kinds import METRICS, Metric, metric_name, metric_text
from shared.model.evaluation import Evaluation, GateResult, SliceScores
from shared.problems import make_command
from shared.schema.violations import Violation
from shared.settings import Settings
from shared.settings_text import toml_pairs
from shared.tasks.task import Task
from shared.training.fitting.candidates import errors
from shared.training.judging.importance import permutations
from shared.words import in_form, number_of

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


def closing_words(results: list[Row], evaluation: Evaluation, run: str) -> list[str]:
    """Return what came of a run in lines: who failed and why, the choice, and what is next."""
    failed = [f"candidate {names} failed: {error}" for error, names in errors(results).items()]
    of_trials = {r["candidate"]: r.get("params") for r in results}
    params = of_trials.get(evaluation.candidate)
    chosen = f"{evaluation.candidate} {f'({toml_pairs(params)}) ' if params else ''}is chosen, and "
    if evaluation.passed:
        return [*failed, f"{chosen}passed its gates", f"next: {make_command('package')}"]
    missed = [
        f"{gate.words}: measured {metric_text(gate.measured)}"
        for gate in evaluation.gates
        if not gate.passed
    ]
    missed += [f"{test.name}: {test.reason}" for test in evaluation.behaviour if not test.passed]
    return [
        *failed,
        f"{chosen}did not pass its gates ({'; '.join(missed)})",
        "a person may override them, giving a reason: "
        + make_command("package", f"ARGS='--train TrainFlow/{run} --override \"…\"'"),
        f"next: improve the model or change the gates; {make_command('train')}",
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
    if any(r.get("rows") for r in results):
        ranking += " Trials that were fitted on fewer rows went no further, and come after."
    components = [*cards.headline(mood, words, ranking), cards.table(rows)]
    for error, names in errors(results).items():
        components += cards.section(f"{names} failed", f"```\n{error}\n```")
    return components


def evaluation(result: Evaluation, task: Task) -> Components:
    """Draw the verdict of the gates first, then the scores, curves and slices."""
    mood, words, gates = (
        ("good", "May be packaged", "All gates passed.")
        if result.passed
        else ("bad", "May not be packaged", "A gate failed.")
    )
    held_out = (
        f"**{result.candidate}** on {result.rows:,} held-out rows, "
        f"{task.describe(result.diagnostics, result.rows)}."
    )
    return [
        *cards.headline(mood, words, f"{held_out} {gates}"),
        cards.table([_gate_row(gate) for gate in result.gates]),
        *map(cards.note, result.notes),
        *([cards.note(f"Off-policy: {found.words}.")] if (found := result.off_policy) else []),
        *([cards.note(f"Explored rows: {learnt.words}.")] if (learnt := result.explored) else []),
        *_behaviour(result),
        *cards.section(
            "Scores", "On the holdout, with 95% bootstrap intervals; differences are paired."
        ),
        cards.table([_score_row(result, name) for name in result.scores]),
        *cards.section("Diagnostics"),
        cards.picture(task.figure(result.diagnostics)),
        *cards.section("Feature importance"),
        cards.picture(_importance(result, task)),
        *cards.section(
            "Slices",
            "Those of fewer than 200 rows are marked as small: their scores are uncertain.",
        ),
        cards.table([_slice_row(one, task) for one in result.slices]),
    ]


def _behaviour(result: Evaluation) -> Components:
    if not result.behaviour:
        return []
    marks = {True: cards.MARKS["good"], False: cards.MARKS["bad"]}
    rows = [
        {"Check": test.name, "Passed": marks[test.passed], "Why not": test.reason}
        for test in result.behaviour
    ]
    return [
        *cards.section("Behaviour", "What the problem's `checks.py` asserts of its answers."),
        cards.table(rows),
    ]


def _state(result: Row) -> str:
    if result["seconds"] is None:
        return "fitting …"
    rows = f" on {number_of(result['rows'], 'row')}" if result.get("rows") else ""
    seconds = f"{result['seconds']:.1f}\N{NO-BREAK SPACE}s"
    return f"{'failed' if result['error'] else 'fitted'}{rows} in {seconds}"


def _learnt(result: Row) -> str | None:
    return number_of(result["learnt"], "row") if result.get("learnt") else None


def _gate_row(gate: GateResult) -> Row:
    mark = cards.MARKS["good" if gate.passed else "bad"]
    measured = metric_text(round(gate.measured, 4) + 0, 4)  # No -0.0000.
    return {"Gate": gate.gate, "Limit": gate.limit, "Measured": measured, "Passed": mark}


def _score_row(result: Evaluation, name: Metric) -> Row:
    row = {"Metric": metric_name(name), "Model": str(result.scores[name])}
    for other, comparison in result.comparisons.items():
        row[other.capitalize()] = str(comparison.scores[name])
        row[f"Model minus {other}"] = comparison.difference[name].signed
    return row


def _slice_row(one: SliceScores, task: Task) -> Row:
    return {
        "Slice": one.slice + (" (small)" if one.small else ""),
        "Rows": one.rows,
        "Observed": f"{in_form(one.observed, task.words.form)} {one.of}".strip(),
        "Predicted": f"{in_form(one.predicted, task.words.form)} {one.of}".strip(),
        **{metric_name(name): str(one.scores[name]) for name in task.judged},
    }


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


def _importance(result: Evaluation, task: Task) -> Any:
    features = len(result.importance)
    shown = result.importance[: cards.MOST_ROWS][::-1]
    figure, axes = cards.figure(10, max(2.0, 0.24 * len(shown) + 0.8))
    axes.barh(
        [one.feature for one in shown],
        [one.loss for one in shown],
        xerr=[one.spread for one in shown],
        error_kw={"elinewidth": 0.8, "ecolor": cards.QUIET},
    )
    axes.set_title(_importance_title(task.importance_metric[1], features, result.rows))
    return figure


def _importance_title(lost: str, features: int, held_out: int) -> str:
    """Return what the picture of importance shows, and what it was measured on."""
    rows, repeats = permutations(features, held_out)
    times = {1: "once", 2: "twice"}.get(repeats, f"{repeats} times")
    title = f"{lost} lost when the feature is shuffled ({rows:,} held-out rows, {times})"
    most = f"\nThe {cards.MOST_ROWS} most important of {features:,} features"
    return title + (most if features > cards.MOST_ROWS else "")
