"""Traffic: rows of a table sent to a running server."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from shared.cli import options
from shared.errors import Refusal

moment = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])


@click.command()
@click.argument("source")
@click.option("--url", default="http://127.0.0.1:8000", show_default=True)
@options.problem
@options.branch
@options.bundle
@click.option("--start", type=moment, help="The first moment (UTC), such as 2013-05-01.")
@click.option("--until", type=moment, help="The moment before which it ends.")
@click.option(
    "--speed",
    type=click.FloatRange(0, min_open=True),
    help="How many times faster than the rows came; by default, as fast as they are answered.",
)
@click.option("--clients", type=click.IntRange(1, 256), default=8, show_default=True)
@click.option("--rows-at-once", type=click.IntRange(1, 10_000), default=100, show_default=True)
@click.option("--outcomes/--no-outcomes", default=True, help="Whether to send labels afterwards.")
@click.option(
    "--skip-logged",
    is_flag=True,
    help="Leave out rows whose key the log has at their time: go on where a replay broke off.",
)
def replay(
    source: str,
    url: str,
    problem: str,
    bundle: Path | None,
    start: datetime | None,
    until: datetime | None,
    speed: float | None,
    clients: int,
    rows_at_once: int,
    outcomes: bool,
    skip_logged: bool,
) -> None:
    """Send the rows of a table to a running server, and count.

    SOURCE is a Parquet or CSV file, or package.module:function as in the settings, such as
    problems.flights.source:table. Sent, answered and logged rows have to be as many, and so have
    labels that were sent and logged rows that have one; else it exits with 1. The log is looked up
    where MILLRACE_LOG says, and a key is taken from MILLRACE_API_KEY.
    """
    from shared.log.prediction_log import PredictionLog
    from shared.schema.cells import cells_of_contract
    from shared.serving import replay as traffic
    from shared.tables import sources
    from shared.tables.made_columns import made_columns

    name, known = options.problem_bundle(problem, bundle)
    contract = known.contract
    cells = cells_of_contract(contract, known.settings.csv)
    rows = sources.read_source(source, cells=cells, made=made_columns(contract))
    table = traffic.between(rows, contract, start, until, known.settings.source)
    if not outcomes:
        table = table.drop(columns=contract.target, errors="ignore")
    pace = traffic.Pace(rows_at_once, clients, speed)
    server, log = traffic.ServerClient(url), PredictionLog(name, contract)
    before = table.iloc[:0]
    if skip_logged:
        table, before = traffic.not_answered(table, contract, log)
        click.echo(f"{len(before):,} of {len(table) + len(before):,} rows are in the log already")
    else:
        traffic.refuse_sent_before(table, contract, log)
    with options.progress(len(table), "answered") as bar:
        replayed = traffic.send(table, contract, server, pace, bar.update)
    if outcomes and contract.target in before:
        server.send_outcomes(before, contract, rows_at_once)
    counts = traffic.reconcile(replayed, server, log)
    server.close()
    log.close()
    _show(replayed, counts, log.address)


def _show(replayed: Any, counts: dict[str, int], address: str) -> None:
    """Print the counts; raises `Refusal` when they are not equal."""
    for what, count in counts.items():
        click.echo(f"{what:<16}{count:>12,}")
    rate = replayed.sent / replayed.seconds
    click.echo(f"in {replayed.seconds:,.1f} s, {rate:,.0f} rows a second")
    if len({counts["sent"], counts["answered"], counts["logged"]}) > 1 or (
        replayed.outcomes and counts["outcomes sent"] != counts["outcome-joined"]
    ):
        raise Refusal(f"the counts are not equal; the log is {address}")
