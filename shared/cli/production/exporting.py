"""`millrace export`: a bundle as an MLflow model, as an ONNX graph, or in MLflow's registry."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from shared.cli import options

if TYPE_CHECKING:
    from shared.model.bundle import Bundle


@click.command()
@click.argument("bundle", required=False)
@options.problem
@options.branch
@click.option(
    "--mlflow",
    "folder",
    type=options.path,
    metavar="FOLDER",
    help="Write an MLflow model into this new folder; it answers as `millrace serve` does.",
)
@click.option(
    "--onnx",
    "file",
    type=options.path,
    metavar="FILE",
    help="Write the pipeline as an ONNX graph into this new file, where skl2onnx can convert it.",
)
@click.option(
    "--registry",
    "uri",
    metavar="URI",
    help="Register it in the registry of this MLflow server or database, under the problem's name; "
    "the champion gets the alias `champion`.",
)
@options.trust
def export(
    bundle: str | None, problem: str, folder: Path | None, file: Path | None, uri: str | None
) -> None:
    """Hand a bundle on: to MLflow, to its registry, or to ONNX.

    BUNDLE is a digest (8 digits or more), PackageFlow/RUN, or a folder, and names its problem as
    well; left out, the champion.
    What is written has answered the golden rows as training did, or it is refused. MLflow, or
    skl2onnx and onnxruntime, have to be installed. With `registry` in [events] of the settings,
    each decision moves the alias by itself.
    """
    from shared import command_words
    from shared.exporting import mlflow_model, onnx_model, registry

    if not (folder or file or uri):
        raise click.UsageError("name what to write: --mlflow FOLDER, --onnx FILE, --registry URI")
    found = _bundle(problem, bundle)
    named = f"bundle {found.digest[:12]}"
    if folder:
        mlflow_model.write_model(found, folder)
        click.echo(f"{named} is the MLflow model {folder}")
        trusting = mlflow_model.trusting(found)
        serve = f"{command_words.program('mlflow')} models serve -m {shlex.quote(str(folder))}"
        click.echo(f"next: {trusting}{serve} --env-manager local")
    if file:
        apart = onnx_model.write_graph(found, file)
        click.echo(f"{named} is the ONNX graph {file}: the scores are up to {apart:.1e} apart")
    if uri:
        made = registry.register(found, uri, champion=_is_champion(found))
        click.echo(f"{named} is version {made.version} of {made.name}{made.alias_words}")


def _bundle(problem: str, reference: str | None) -> "Bundle":
    from shared.lineage import bundles

    if reference and Path(reference).is_dir():
        bundle: Bundle = options.problem_bundle(problem, Path(reference))[1]
        return bundle
    if reference:
        problem = options.problem_of(reference, problem)
    return bundles.deployed(problem, reference)


def _is_champion(found: "Bundle") -> bool:
    from shared.lineage import reviews

    return reviews.standing_decisions(found.manifest.name).champion == found.digest
