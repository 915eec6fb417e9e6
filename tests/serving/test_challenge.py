"""A challenger scores the same rows: in shadow, touching no answer, or for a share of the keys."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.model.predictor import Predictor
from shared.schema import columns
from shared.schema.columns import Columns
from shared.serving import challenge
from shared.serving.challenge import Shadow, is_chosen
from tests.prometheus import wait_until
from tests.serving.processes import LOAN, Running, logged, serving

KEYS = [f"L{number}" for number in range(10_000)]


def ask(running: Running, keys: Sequence[str]) -> list[dict[str, Any]]:
    body = [LOAN | {"loan": key} for key in keys]
    answer: httpx.Response = running.client.post("/predict", json=body)
    return answer.raise_for_status().json()


# Which keys


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
def test_a_share_of_the_keys_is_chosen(share: float) -> None:
    chosen = sum(is_chosen(key, share) for key in KEYS)
    deviation = (len(KEYS) * share * (1 - share)) ** 0.5
    assert abs(chosen - len(KEYS) * share) < 4 * deviation


def test_a_key_stays_where_it_is_when_the_share_grows() -> None:
    before = {key for key in KEYS if is_chosen(key, 0.1)}
    assert before < {key for key in KEYS if is_chosen(key, 0.2)}
    assert [is_chosen(7, 1.0), is_chosen(7, 0.0)] == [True, False]


# Who may challenge


def test_a_challenger_that_needs_other_columns_is_refused(bundle: Bundle, newer: Bundle) -> None:
    challenge.refuse_unfit(bundle, newer)
    with pytest.raises(Refusal, match=r"not asked with: \['age', 'employed', 'guarantee'\]"):
        challenge.refuse_unfit(newer, bundle)


def test_a_challenger_of_another_problem_is_refused(bundle: Bundle) -> None:
    manifest = bundle.manifest.model_copy(update={"name": "cars"})
    with pytest.raises(Refusal, match="the challenger is of the problem 'cars'"):
        challenge.refuse_unfit(bundle, replace(bundle, manifest=manifest))


# In a server


@pytest.mark.flow
def test_in_shadow_it_scores_what_the_champion_answers_and_is_in_no_answer(
    bundle: Bundle, newer: Bundle, tmp_path: Path
) -> None:
    database = tmp_path / ".millrace" / "loans.db"
    words = ("--bundle", str(bundle.path), "--challenger", str(newer.path))
    with serving(tmp_path, *words) as running:
        answers = ask(running, KEYS[:20])
        wait_until(lambda: len(logged(bundle, database)) == 40)
    found = logged(bundle, database)
    roles = {role: rows.set_index("prediction_id") for role, rows in found.groupby("role")}
    champion, challenger = roles["champion"], roles["challenger"]
    assert {answer["bundle"] for answer in answers} == {bundle.digest}
    assert [a["probability"] for a in answers] == [
        champion.loc[a["prediction_id"], "probability"] for a in answers
    ]
    assert set(challenger["bundle"]) == {newer.digest}
    assert sorted(challenger.index) == sorted(champion.index)
    asked = [LOAN | {"guarantee": None}]
    assert challenger["probability"].tolist() == pytest.approx([newer.scores(asked)[0]] * 20)


@pytest.mark.flow
def test_as_a_canary_it_answers_its_share_and_a_key_always_has_the_same_bundle(
    bundle: Bundle, newer: Bundle, tmp_path: Path
) -> None:
    words = ("--bundle", str(bundle.path), "--challenger", str(newer.path), "--canary", "0.3")
    with serving(tmp_path, *words) as running:
        answers = [*ask(running, KEYS[:200]), *ask(running, KEYS[:200][::-1])]
    by_key = {answer["key"]: answer["bundle"] for answer in answers}
    assert all(by_key[answer["key"]] == answer["bundle"] for answer in answers)
    chosen = sum(is_chosen(key, 0.3) for key in KEYS[:200])
    assert Counter(by_key.values()) == {newer.digest: chosen, bundle.digest: 200 - chosen}
    found = logged(bundle, tmp_path / ".millrace" / "loans.db")
    assert Counter(found["role"]) == {"canary": 2 * chosen, "champion": 400 - 2 * chosen}


def test_a_challenger_that_fails_touches_nothing(
    bundle: Bundle, capsys: pytest.CaptureFixture[str]
) -> None:
    kept: list[Columns] = []
    told: list[tuple[str, int]] = []
    newer = Predictor(bundle, "challenger")
    shadow = Shadow(newer, kept.append, lambda result, rows: told.append((result, rows)))
    shadow.offer({"key": ["A1"]})
    wait_until(lambda: told == [("failed", 1)])
    good = Predictor(bundle).score({"guarantee": [None], **columns.of_rows([LOAN], LOAN)})
    shadow.offer(good)
    wait_until(lambda: len(kept) == 1)
    shadow.close()
    assert told[1:] == [("scored", 1)]
    assert kept[0]["prediction_id"] == good["prediction_id"]
    assert "the challenger failed: 'applied'" not in capsys.readouterr().out


# Which one
