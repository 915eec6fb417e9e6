"""The card of an evaluation, and the words that a training closes with.

What a model is worth is many types, which other cards have no need of.
"""

from typing import Any

from shared import cards
from shared.kinds import Metric, metric_name, metric_text
from shared.model.evaluation import Evaluation, GateResult, SliceScores
from shared.problem_commands import make_command
from shared.schema.contract import Contract
from shared.settings_text import toml_pairs
from shared.tasks.choice import task_of
from shared.tasks.task import Task
from shared.training.fitting.candidates import errors
from shared.training.judging.importance import permutations
from shared.words import in_form

Components = list[Any]
Row = dict[str, Any]


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


def evaluation(result: Evaluation, contract: Contract) -> Components:
    """Draw the verdict of the gates first, then the scores, curves and slices."""
    task = task_of(contract)
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
        {"Check": test.name, "Passed": marks[test.passed], "Found": test.reason}
        for test in result.behaviour
    ]
    return [
        *cards.section("Behaviour", "What the problem's `checks.py` asserts of its answers."),
        cards.table(rows),
    ]


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
