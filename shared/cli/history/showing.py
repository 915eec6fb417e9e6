"""One run in the terminal: what it made, what it came from and what came of it."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shared import command_words
from shared.cli import options
from shared.kinds import metric_name

if TYPE_CHECKING:
    from shared.runs.one_run.run_description import RunDescription
    from shared.runs.records import Record

WIDTH = 13


@click.command()
@click.argument("run", required=False)
@options.of_problem
@click.option(
    "--cards",
    "folder",
    type=options.path,
    metavar="FOLDER",
    help="Write its cards as pages into this folder.",
)
def show(run: str | None, problem: str | None, folder: Path | None) -> None:
    """Show a run: what it made, its metrics, what it came from and what came of it.

    RUN is FLOW/RUN, a run's number, or 8 digits or more of a bundle, as `millrace runs` lists them;
    left out, the newest.
    """
    from shared.runs import records
    from shared.runs.one_run import run_cards, run_description

    record = records.newest_record(problem) if run is None else records.find_record(run, problem)
    history = list(records.newest({"problem": record.problem}))
    described = run_description.read(record, history)
    for line in described_lines(described):
        click.echo(line)
    if folder:
        for name in run_cards.write(record.pathspec, described.contents.cards, folder).values():
            click.echo(_named("card", str(folder / name)))


def described_lines(described: "RunDescription") -> Iterator[str]:
    """Yield what there is to know of a run, a line for each thing."""
    record = described.record
    yield from _standing(record)
    for step in described.contents.steps:
        done = f", {step.done} of {step.tasks} done" if step.done < step.tasks else ""
        yield _named("step", f"{step.name}{done}: {', '.join(step.artifacts) or 'nothing kept'}")
    given = {
        n: v for n, v in described.contents.parameters.items() if v is not None and v is not False
    }
    yield from (_named("parameter", f"{name} = {value}") for name, value in given.items())
    yield from (_named("data", f"{name}: {value}") for name, value in described.data.items())
    if described.contents.commit:
        yield _named("code", f"commit {described.contents.commit}")
    yield from _made(record)
    for word, other in (*described.origin, *described.offspring):
        yield _named(word, f"{other.pathspec}, {other.word}")
    cards = ", ".join(f"{card.step}/{card.title}" for card in described.contents.cards)
    yield _named("cards", f"{cards}; --cards FOLDER writes them" if cards else "none")
    yield from _again(described, given)


def _standing(record: "Record") -> Iterator[str]:
    from shared.cards import moment

    yield f"{record.pathspec}  {record.word}"
    if record.failure:
        yield _named("reason", record.failure)
    yield _named("problem", f"{record.problem}, on {record.branch}, by {record.by}")
    ended = f", ended {moment(record.finished)}" if record.finished else ""
    yield _named("began", f"{moment(record.at)}{ended}")


def _made(record: "Record") -> Iterator[str]:
    """Yield what a run came to: the artifacts by which its flow's runs are looked up."""
    facts = record.facts
    if "evaluation" in facts:
        yield from _evaluated(facts["evaluation"])
    if "digest" in facts:
        yield _named("bundle", facts["digest"])
    if "decision" in facts:
        made = facts["decision"]
        yield _named("decision", f"{made['decision']} {made['digest'][:12]}: {made['reason']}")
    if "verdict" in facts:
        from shared.cli.monitoring.judging import verdict_lines
        from shared.model.verdict import read_verdict

        yield from (
            _named("verdict", line) for line in verdict_lines(read_verdict(facts["verdict"]))
        )
    for name in ("ingested", "answered"):
        counts = {k: n for k, n in facts.get(name, {}).items() if isinstance(n, int)}
        if counts:
            yield _named(name, ", ".join(f"{n:,} {k}" for k, n in counts.items()))


def _evaluated(evaluation: dict[str, Any]) -> Iterator[str]:
    from shared.model.evaluation import ExploredComparison, OffPolicyComparison
    from shared.tasks.metrics import Score

    passed = "passed its gates" if evaluation["passed"] else "did not pass its gates"
    yield _named("model", f"{evaluation['candidate']}, which {passed}")
    yield _named("judged", f"on {evaluation['rows']:,} rows held out, with 95% intervals")
    for metric, score in evaluation["scores"].items():
        yield _named("", f"{metric_name(metric):<26}{Score(**score)}")
    if found := evaluation.get("off_policy"):
        yield _named("off-policy", OffPolicyComparison.model_validate(found).words)
    if found := evaluation.get("explored"):
        yield _named("explored", ExploredComparison.model_validate(found).words)
    for test in evaluation.get("behaviour", ()):
        held = "holds" if test["passed"] else f"does not hold: {test['reason']}"
        yield _named("", f"{test['name']} {held}")


def _again(described: "RunDescription", given: dict[str, Any]) -> Iterator[str]:
    """Yield how the run is read in Python, and how one like it is started."""
    from shared.runs.stations import file_of

    record = described.record
    last = next((step for step in reversed(described.contents.steps) if step.artifacts), None)
    yield "\nin Python:"
    yield "  from metaflow import Run, namespace"
    yield "  from shared import lineage  # reads frames that runs keep as Parquet"
    yield "  namespace(None)"
    yield f'  run = Run("{record.pathspec}")'
    if last:
        yield f'  run["{last.name}"].task.data.{last.artifacts[0]}'
    if record.flow == "ReviewFlow":
        # A decision stands: who decides otherwise gives reasons of their own.
        return
    words = [f"--{name} {shlex.quote(str(value))}" for name, value in given.items()]
    again = file_of(record.flow), "--config settings then.toml run", *words
    yield "again, with the same settings:"
    yield f"  {command_words.millrace('settings', record.pathspec)} > then.toml"
    yield f"  {command_words.flow(*again)}"


def _named(name: str, words: str) -> str:
    return f"{name:<{WIDTH}}{words}"
