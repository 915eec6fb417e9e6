"""The winner, judged on the holdout: its evaluation, and the rows a bundle keeps of it."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from shared.errors import Refusal
from shared.frames import with_values
from shared.model.bundle import Bundle
from shared.model.evaluation import Evaluation, ScoreVariation
from shared.model.inputs import model_input
from shared.schema.contract import Contract
from shared.settings import Settings
from shared.settings_text import toml_pairs
from shared.tasks.choice import measured_beside, task_of
from shared.tasks.task import Task
from shared.training import history_baseline, splits
from shared.training.fitting import candidates, given_models
from shared.training.judging import evaluation, stability
from shared.training.judging.behaviour import own_checks, run_checks
from shared.training.judging.estimate_trial import try_estimates
from shared.training.judging.explored_rows import compare_explored
from shared.training.judging.importance import permutation_importances
from shared.training.judging.off_policy_comparison import compare_off_policy, off_policy_gate
from shared.words import names_with_counts, number_of


@dataclass(frozen=True)
class Judgement:
    """An evaluation; the `reference` and `golden` rows carry the model's answers."""

    evaluation: Evaluation
    reference: pd.DataFrame
    golden: pd.DataFrame


def parts_to_judge(
    table: pd.DataFrame, places: splits.Places, contract: Contract, settings: Settings
) -> dict[str, pd.DataFrame]:
    """Return a table's parts, of train no more than is judged by. None is to be changed."""
    # What was explored is learnt anew.
    of_train = None if contract.ranking else _seen_columns(settings)
    return splits.cut(table, places, contract, of_train)


@threadpool_limits.wrap(1)
def judge(
    model: Any,
    chosen: dict[str, Any],
    parts: dict[str, pd.DataFrame],
    history: pd.DataFrame,
    contract: Contract,
    champion: Bundle | None,
    settings: Settings,
    facts: Mapping[str, Any] = MappingProxyType({}),
) -> Judgement:
    """Score the model on the holdout beside the baseline and the champion.

    `history` are all the rows that were there to learn from, with and without an outcome. `facts`
    say where these were a sample of the source's rows.
    The champion is scored as it was packaged, never retrained; one that cannot read these rows is
    named with the reason. All is small work done often: on a busy machine, threads would wait for
    each other longer than it takes. The holdout's rows of classes that were never there to learn
    from are left out of everything, and said: no candidate can answer them.
    """
    task = task_of(contract)
    parts, unlearnt = _learnable(parts, contract, task)
    holdout, rule = parts["holdout"], chosen["rule"]
    scores = task.scores(model, model_input(holdout, contract))
    with ThreadPoolExecutor(1) as pool:
        varying = pool.submit(_variation, scores, chosen, parts, history, task, settings)
        evaluated = _evaluate(model, scores, chosen, parts, contract, champion, settings)
    part = history_baseline.sample_note(len(history))
    notes = (*_sampled(facts, chosen, settings), *evaluated.notes, *unlearnt, *part)
    evaluated = evaluated.model_copy(update={"varies": varying.result(), "notes": notes})
    answered = holdout.assign(**task.answers(scores, rule, holdout))
    answered[contract.target] = task.decode(holdout[contract.target])
    return Judgement(
        evaluation=evaluated,
        reference=_sample(answered, settings.package.reference_rows, settings),
        golden=_sample(answered, settings.package.golden_rows, settings),
    )


def _evaluate(
    model: Any,
    scores: np.ndarray,
    chosen: dict[str, Any],
    parts: dict[str, pd.DataFrame],
    contract: Contract,
    champion: Bundle | None,
    settings: Settings,
) -> Evaluation:
    """Evaluate the holdout's scores, and what each feature carries."""
    holdout, task = parts["holdout"], task_of(contract)
    measured = task.measured(scores, chosen["rule"], holdout)
    others, notes = _others(parts, champion, task, settings)
    judged = evaluation.evaluate(holdout, measured, others, chosen, task, settings)
    rows = with_values(holdout, {contract.target: task.decode(holdout[contract.target])})
    own = own_checks(settings.name)
    behaviour = run_checks(own, model, chosen["rule"], rows, contract)
    compared = compare_off_policy(
        lambda asked: task.scores(model, model_input(asked, contract)),
        *(holdout, contract, champion, settings),
    )
    gates = off_policy_gate(compared)
    more = {
        "behaviour": behaviour,
        "off_policy": compared,
        "explored": compare_explored(scores, chosen, parts, contract, settings),
        "gates": (*judged.gates, *gates),
        "passed": judged.passed
        and all(gate.passed for gate in gates)
        and all(test.passed for test in behaviour),
        "champion": champion.digest if champion else None,
        "notes": (
            *_searched(chosen),
            *_given(chosen["candidate"], settings),
            *notes,
        ),
        "importance": permutation_importances(model, holdout, contract, task, settings),
    }
    return judged.model_copy(update=more)


def _variation(
    scores: np.ndarray,
    chosen: dict[str, Any],
    parts: dict[str, pd.DataFrame],
    history: pd.DataFrame,
    task: Task,
    settings: Settings,
) -> tuple[ScoreVariation, ...]:
    """Return how scores vary over validation and holdout, given the holdout's answers."""
    # Neither of these rows had the model that answered them seen.
    unseen = pd.concat([parts["validation"], parts["holdout"]], ignore_index=True)
    measured = task.measured(scores, chosen["rule"], parts["holdout"])
    answers = np.concatenate([chosen["measured"], measured])
    varies = stability.measure(unseen, answers, task, settings, history)
    return try_estimates(varies, unseen, answers, chosen["rule"], task, settings)


def _sampled(
    facts: Mapping[str, Any], chosen: Mapping[str, Any], settings: Settings
) -> tuple[str, ...]:
    """Say of how many rows those are a sample that a model is judged on, and mostly learnt from."""
    sample, name = facts.get("sample"), chosen.get("search") or chosen["candidate"]
    if not sample:
        return ()
    if not candidates.learns_from_all(candidates.named(name, settings), settings):
        return (f"Learnt from and judged on a sample: {sample}.",)
    return (
        f"Learnt in batches from all rows with an outcome before the holdout; judged on a sample: "
        f"{sample}.",
    )


def _searched(chosen: dict[str, Any]) -> tuple[str, ...]:
    """Say which parameters a trial has, as its name does not."""
    if not chosen.get("search"):
        return ()
    name, params = chosen["candidate"], toml_pairs(chosen["params"])
    return (f"{name} is {chosen['search']} with {params}: a trial of its search.",)


def _given(name: str, settings: Settings) -> tuple[str, ...]:
    """Say where the model comes from, if it was fitted elsewhere."""
    given = (c for c in settings.candidates if c.model and c.name == name)
    return tuple(map(given_models.provenance_note, given))


def _learnable(
    parts: dict[str, pd.DataFrame], contract: Contract, task: Task
) -> tuple[dict[str, pd.DataFrame], tuple[str, ...]]:
    """Return the parts without the holdout's rows of classes that were never seen, and say it."""
    name, holdout = contract.target, parts["holdout"]
    known = task.learnable(holdout[name].to_numpy(), splits.seen(parts, [name])[name].unique())
    if known.all():
        return parts, ()
    kept = holdout[known].reset_index(drop=True)
    left = task.decode(holdout[name][~known]).value_counts()
    words = names_with_counts({str(text): int(rows) for text, rows in left.items()})
    if fault := task.split_fault(kept[name]):
        raise Refusal(
            f"holdout has {fault}, without classes that have no row to learn from: {words}; "
            "move the dates or shares in [split]"
        )
    rows = number_of(int(left.sum()), "row of the holdout is", "rows of the holdout are")
    note = f"{rows} left out of all scores, of classes without a row to learn from: {words}."
    return {**parts, "holdout": kept}, (note,)


def _others(
    parts: dict[str, pd.DataFrame], champion: Bundle | None, task: Task, settings: Settings
) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Return the holdout's answers by the baseline and the champion, and what went wrong."""
    seen = splits.seen(parts, _seen_columns(settings))
    others = {"baseline": task.baseline(seen, parts["holdout"], settings)}
    if champion:
        try:
            scores = champion.scores(parts["holdout"])
            answered = champion.task, scores, champion.manifest.rule, parts["holdout"]
            others["champion"] = measured_beside(task, *answered)
        except Refusal as refusal:
            return others, (f"The champion {champion.digest[:12]} could not be scored: {refusal}",)
    return others, ()


def _seen_columns(settings: Settings) -> list[str]:
    """Return the columns that the baseline learns from."""
    return [settings.target, *settings.base_rate_by, *settings.others]


def _sample(rows: pd.DataFrame, most: int, settings: Settings) -> pd.DataFrame:
    sample = rows.sample(min(most, len(rows)), random_state=settings.seed)
    return sample.sort_values(settings.time, kind="stable").reset_index(drop=True)
