"""The flows as a cluster runs them: each ends in success, and is read as any run is."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.notebooks.test_notebooks import executed, outputs
from tests.rehearsal import source
from tests.rehearsal.acts import Rehearsed
from tests.rehearsal.stage import SHORTER, Stage, millrace

READ = """
import json
from metaflow.cards import get_cards
from metaflow.plugins.cards.exception import CardNotPresentException
from shared.lineage import run_history

def cards(task):
    try:
        return len(list(get_cards(task)))
    except CardNotPresentException:
        return 0

run = run_history.run_named({pathspec!r})
"""
CARDS = {
    "ingest": {"reconcile": 1},
    "train": {"load": 1, "split": 1, "fit": 2, "select": 1, "evaluate": 1},
    "package": {"verify": 1, "end": 1},
    "review": {"record": 1},
    "monitor": {"judge": 1, "report": 3, "act": 1},
    "score": {"reconcile": 1},
}


def of_run(stage: Stage, pathspec: str, expression: str) -> Any:
    """Ask the client for something of a run, as JSON can hold it."""
    code = READ.format(pathspec=pathspec) + f"print(json.dumps({expression}, default=str))"
    return json.loads(stage.ask(code))


@pytest.mark.parametrize("flow", CARDS)
def test_each_flow_ends_in_success_with_its_cards(
    stage: Stage, rehearsed: Rehearsed, flow: str
) -> None:
    counted = "{step.id: sum(map(cards, step)) for step in run}"
    asked = f"[run.successful, {counted}, list(run.tags)]"
    successful, pages, tags = of_run(stage, getattr(rehearsed, flow), asked)
    assert successful is True
    assert {step: count for step, count in pages.items() if count} == CARDS[flow]
    assert "project_branch:prod" in tags


def test_the_same_training_gives_the_same_metrics_to_the_last_digit(
    stage: Stage, rehearsed: Rehearsed
) -> None:
    """JSON tells a float's every digit; how long a fit took is no metric."""
    told = "[run.data.evaluation, run.data.leaderboard, run['load'].task.data.facts]"
    here, there = (leaves(of_run(stage, run, told)) for run in (rehearsed.local, rehearsed.train))
    assert {at: (here[at], there.get(at)) for at in here if here[at] != there.get(at)} == {}
    assert here.keys() == there.keys()
    assert len([at for at in here if "roc_auc" in at]) > 3
    assert "project_branch:user.ada" in of_run(stage, rehearsed.local, "list(run.tags)")


def leaves(value: object, at: str = "") -> dict[str, str]:
    """Return every value within another, as it is written, by its path."""
    if isinstance(value, dict):
        inner = {f"{at}.{key}": v for key, v in value.items() if key != "seconds"}
    elif isinstance(value, list):
        inner = {f"{at}[{number}]": v for number, v in enumerate(value)}
    else:
        return {at: repr(value)}
    return {p: text for key, v in inner.items() for p, text in leaves(v, key).items()}


def test_frames_lie_in_the_bucket_as_parquet(stage: Stage, rehearsed: Rehearsed) -> None:
    table = "run['load'].task['table']"
    encoded = of_run(stage, rehearsed.train, f"{table}._object['content_type']")
    assert encoded == "parquet-v1"
    rows = of_run(stage, rehearsed.train, f"len({table}.data)")
    assert rows == len(source.rows(SHORTER["start"], SHORTER["end"])) - len(source.WRONG)


def test_the_bundle_was_proved_in_a_clean_environment(stage: Stage, rehearsed: Rehearsed) -> None:
    checks = of_run(stage, rehearsed.package, "run['verify'].task.data.verification['checks']")
    assert [check for check in checks if not check["passed"]] == []
    assert len(checks) > 15
    manifest = of_run(stage, rehearsed.package, "run['build'].task.data.manifest['lineage']")
    assert dict(manifest)["training run"] == rehearsed.train


def test_the_decision_counts_in_production_and_nowhere_else(
    stage: Stage, rehearsed: Rehearsed
) -> None:
    code = "from shared.lineage import reviews; "
    code += "print([d.digest for d in reviews.decisions('flights')])"
    assert stage.ask(code) == "[]"
    there = f"import os; os.environ['MILLRACE_BRANCH'] = 'prod'; {code}"
    assert stage.ask(there) == str([rehearsed.digest, rehearsed.second])


def test_an_experiments_approval_is_not_productions(stage: Stage, rehearsed: Rehearsed) -> None:
    words = ["--bundle", rehearsed.digest, "--decision", "approve", "--reason", "to try it"]
    stage.house.run("review", "run", *words)
    counts = {}
    for branch in ("user.ada", "prod"):
        code = f"import os; os.environ['MILLRACE_BRANCH'] = {branch!r}; "
        code += "from shared.lineage import reviews; "
        reasons = f"{code} print([d.reason for d in reviews.decisions('flights')])"
        counts[branch] = stage.ask(reasons)
    assert counts == {
        "user.ada": "['to try it']",
        "prod": "['it passed its rehearsal', 'it is as good']",
    }


def test_the_verdict_is_of_what_productions_champion_served(
    stage: Stage, rehearsed: Rehearsed
) -> None:
    verdict = dict(of_run(stage, rehearsed.monitor, "run.data.verdict"))
    assert (verdict["rows"], verdict["bundle"]) == (rehearsed.served, rehearsed.digest)
    assert verdict["verdict"] in ("watch", "act")
    assert {"temp", "dewp"} & {reason["column"] for reason in verdict["reasons"]}


def test_events_tell_what_finished_and_people_what_is_wrong(
    stage: Stage, rehearsed: Rehearsed
) -> None:
    events = [body["payload"] for body in stage.hook.received if "payload" in body]
    finished = [e for e in events if e["name"] == "metaflow.flights.prod.TrainFlow.end"]
    assert [e["pathspec"].rsplit("/", 2)[0] for e in finished] == [rehearsed.train]
    alerts = [body for body in stage.hook.received if "title" in body]
    assert len(alerts) == 1
    assert "flights" in alerts[0]["title"]


def test_each_run_was_sent_to_openlineage_with_what_went_in_and_came_out(
    stage: Stage, rehearsed: Rehearsed
) -> None:
    sent = [json.loads(body) for _, body in stage.catalogue.received]
    ends = {name_of(event): event for event in sent if event["eventType"] != "START"}
    runs = [getattr(rehearsed, flow) for flow in CARDS]
    assert {run: ends[run]["eventType"] for run in runs} == dict.fromkeys(runs, "COMPLETE")
    assert ends[rehearsed.local]["job"]["name"] == "flights.user.ada.TrainFlow"
    package = ends[rehearsed.package]
    assert package["job"]["name"] == "flights.prod.PackageFlow"
    assert versions(package["inputs"]) == {"flights.model": rehearsed.train}
    assert versions(package["outputs"]) == {"flights.bundle": rehearsed.digest}
    assert versions(ends[rehearsed.train]["inputs"]) == {"tables/flights": rehearsed.version}
    assert versions(ends[rehearsed.review]["outputs"]) == {"flights.champion": rehearsed.digest}


def name_of(event: dict[str, Any]) -> str:
    """Return the pathspec of the run that an event is about."""
    tags = {tag["key"]: tag["value"] for tag in event["run"]["facets"]["tags"]["tags"]}
    return str(tags["run"])


def versions(sets: list[dict[str, Any]]) -> dict[str, str]:
    """Return the version of each data set by its name."""
    return {each["name"]: each["facets"]["version"]["datasetVersion"] for each in sets}


def test_cards_are_written_from_the_bucket(stage: Stage, rehearsed: Rehearsed) -> None:
    pages = Path(stage.house.folder) / "cards"
    words = ["--problem", "flights", "--branch", "prod", "--folder", str(pages)]
    done = millrace(stage.house, "cards", *words)
    assert done.returncode == 0, done.stderr
    text = (pages / "index.html").read_text()
    for flow in CARDS:
        assert getattr(rehearsed, flow) in text
    assert len(list(pages.glob("*.html"))) > sum(map(len, CARDS.values()))
    assert rehearsed.local not in text


def test_the_notebook_reads_production_from_the_bucket(
    stage: Stage, rehearsed: Rehearsed, tmp_path: Path
) -> None:
    environment = stage.house.environment | {"MILLRACE_BRANCH": "prod"}
    cells = executed("flights", tmp_path, **environment)
    _, runs, leaderboards, *_, card, decisions = cells
    assert rehearsed.train in outputs(runs, "text/plain")[0]
    assert rehearsed.local not in outputs(runs, "text/plain")[0]
    assert outputs(leaderboards, "image/png")
    assert "&lt;html" in outputs(card, "text/html")[0]
    assert "it is as good" in outputs(decisions, "text/plain")[0]
