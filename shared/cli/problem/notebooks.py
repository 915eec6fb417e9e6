"""A notebook run from the terminal, for whoever has no editor of notebooks."""

from pathlib import Path

import click

from shared.cli import options
from shared.errors import Refusal

READ_THE_RUNS = Path("notebooks") / "01-read-the-runs.ipynb"
FOLDER = Path(".millrace") / "notebooks"


@click.command()
@click.argument("file", type=options.path, required=False)
@options.problem
def notebook(file: Path | None, problem: str) -> None:
    """Run a notebook for a problem in this folder, and write it with what it shows.

    FILE is a notebook; left out, the problem's own explore.ipynb, or else the one that reads its
    runs. It stays as it is: the one with its results goes into .millrace/notebooks, for any editor
    of notebooks.
    """
    import os

    from shared import FLOWS, problems

    own = problems.file_here(problem)
    explore = own.with_name("explore.ipynb") if own else None
    chosen = file or (explore if explore and explore.is_file() else FLOWS.parent / READ_THE_RUNS)
    if not chosen.is_file():
        raise Refusal(f"there is no notebook {chosen}: name another file")
    os.environ[problems.VARIABLE] = str(own) if own else problem
    written = FOLDER / f"{problem}-{chosen.name}"
    _run(chosen, written)
    click.echo(f"open {written}")


def _run(file: Path, written: Path) -> None:
    """Run a notebook in the working folder, and write it with its results.

    Raises `Refusal` that names the cell that failed, or says that its kernel has ended; what it
    showed until then is written, too.
    """
    try:
        import nbformat
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError, DeadKernelError
    except ImportError as error:
        raise Refusal(f"{error}: pip install nbclient ipykernel") from None
    try:
        read = nbformat.read(file, as_version=4)
    except (ValueError, OSError) as error:
        raise Refusal(f"{file} is no notebook: {error}") from None
    here = {"metadata": {"path": str(Path.cwd())}}
    # A kernel warns that it listens at this machine's own address, as each does.
    quiet = ["--IPKernelApp.log_level=ERROR"]
    written.parent.mkdir(parents=True, exist_ok=True)
    try:
        NotebookClient(read, timeout=None, resources=here, extra_arguments=quiet).execute()
    except CellExecutionError as error:
        raise Refusal(f"{file}: {error.ename}: {error.evalue}; {written} has the rest") from None
    except (DeadKernelError, AssertionError) as error:
        # Ctrl-C ends the kernel first, and nbclient does not expect that where it tidies up.
        if not any(isinstance(each, DeadKernelError) for each in (error, error.__context__)):
            raise
        raise Refusal(
            f"{file}: its kernel ended before the notebook did, by an interrupt or for want of "
            f"memory; {written} has what it showed"
        ) from None
    finally:
        nbformat.write(read, written)
