"""What stands beside the settings of a new problem: a notebook to explore it, and a test."""

import json
from typing import Any

TEST = '''"""The rows of {name} keep to its contract, at its table's beginning and at its end."""

from pathlib import Path

from shared.problems import load_problem
from shared.training.ends import load_ends

ROWS = 500


def test_the_first_and_the_last_rows_keep_to_the_contract() -> None:
    settings = load_problem(str(Path(__file__).parent))
    rows, contract, violations = load_ends(settings, ROWS)
    assert len(rows) > 0
    assert [column.name for column in contract.columns] == list(rows)
    assert [str(each) for each in violations if each.enforced] == []


def test_features_are_known_beforehand() -> None:
    settings = load_problem(str(Path(__file__).parent))
    # Name here what is known only afterwards, so that nobody makes a feature of it.
    afterwards = {{settings.target}}
    assert not afterwards & {{*settings.features}}
'''
CELLS = (
    """\
# Explore {name}

The rows as training reads them, its candidates tried without a flow, and the runs so far. Any
editor of notebooks opens it, such as JupyterLab, with a kernel that starts in the folder that holds
`flows` or `problems`.""",
    """\
import os

import pandas as pd

from shared.kinds import metric_name
from shared.problems import load_problem
from shared.tasks.choice import task_of
from shared.training import splits, table
from shared.training.fitting import candidates

# JupyterLab starts a kernel beside its notebook, and says where it was opened.
os.chdir(os.environ.get("MILLRACE_FOLDER", "."))
PROBLEM = "{name}"
settings = load_problem(PROBLEM)
rows, contract, violations = table.load(settings)
rows.head()""",
    """\
## The rows

Each column, and what of it breaks the contract.""",
    """\
rows.describe(include="all").T""",
    """\
broken = pd.DataFrame(
    {{"column": each.column, "problem": each.problem, "rows": each.rows}} for each in violations
)
"Every row meets the contract." if broken.empty else broken""",
    """\
## The candidates

Each fitted on train and scored on validation, with 95% intervals. A change that helps here goes
into `problem.toml`, and `make train PROBLEM={name}` judges it on the holdout.""",
    """\
parts = splits.by_time(rows, task_of(contract), settings)
tried = [
    candidates.fit_and_score(candidate.name, parts, contract, settings)
    for candidate in settings.candidates
]
pd.DataFrame(
    {{"candidate": each["candidate"], "error": each["error"]}}
    | {{metric_name(metric): str(score) for metric, score in (each["scores"] or {{}}).items()}}
    for each in tried
)""",
    """\
## The runs

The training runs so far, the newest first; `millrace show RUN` has the rest of one.""",
    """\
from shared.runs import records

pd.DataFrame(
    {{"run": record.pathspec, "at": record.at, "state": record.word, "failure": record.failure}}
    for record in records.newest({{"flow": "TrainFlow", "problem": PROBLEM}})
)""",
)


def notebook_text(name: str) -> str:
    """Return a notebook about a problem, as a file holds it."""
    cells = [_cell(at, text.format(name=name)) for at, text in enumerate(CELLS)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def quick_test_text(name: str) -> str:
    """Return a quick test of a problem's settings and first rows."""
    return TEST.format(name=name)


def _cell(at: int, text: str) -> dict[str, Any]:
    cell: dict[str, Any] = {"id": f"cell-{at}", "metadata": {}}
    if text.startswith("#"):
        return cell | {"cell_type": "markdown", "source": text.splitlines(keepends=True)}
    code: dict[str, Any] = {"cell_type": "code", "execution_count": None, "outputs": []}
    return cell | code | {"source": text.splitlines(keepends=True)}
