"""What a bundle says to whoever unpacks it."""

import json
import re
import subprocess
import sys

from shared.model.bundle import PYTHON, Bundle
from shared.packaging import documents

HELD = documents.ModelFile(["sklearn.tree.Known"], "predict_proba")


def test_the_readme_names_every_file_of_a_bundle(bundle: Bundle) -> None:
    readme = documents.readme("loans", HELD)
    unnamed = [path.name for path in bundle.path.iterdir() if f"`{path.name}" not in readme]
    assert set(unnamed) == {"README.md", "Dockerfile"}
    assert f"packaged on Python {PYTHON}" in readme
    assert "docker build -t loans ." in readme


def test_the_readme_says_of_which_rows_the_model_s_were_a_sample() -> None:
    words = "a sample: 600 of 3,000 rows, evenly over time."
    readme = documents.readme("loans", HELD, sample="600 of 3,000 rows, evenly over time")
    assert f"\nThe model learnt from, and was judged on, {words}\n" in readme
    assert "sample:" not in documents.readme("loans", HELD)


def test_the_container_runs_the_python_that_packaged_it() -> None:
    first, *_, last = documents.dockerfile().splitlines()
    assert first == f"FROM python:{PYTHON}-slim"
    assert '"serve", "--bundle", "/bundle"' in last


def test_types_that_are_not_known_are_named_where_it_is_served() -> None:
    foreign = ["lightgbm.basic.Booster"]
    serve = "millrace serve --bundle . --trust lightgbm.basic.Booster\n"
    assert serve in documents.readme("loans", HELD, foreign)
    last = documents.dockerfile(foreign).splitlines()[-1]
    assert last.endswith('"--trust", "lightgbm.basic.Booster"]')


def test_the_model_alone_answers_as_the_readme_says_where_there_is_no_millrace(
    bundle: Bundle,
) -> None:
    block = re.search(
        r"^## The model alone.*?^```python\n(.*?)^```",
        (bundle.path / "README.md").read_text(),
        re.DOTALL | re.MULTILINE,
    )
    assert block
    without = "import sys\nsys.modules['shared'] = None\n"
    told = block[1].replace("print(", "print(json.dumps(").replace("(rows))", "(rows).tolist()))")
    done = subprocess.run(
        [sys.executable, "-c", without + told],
        cwd=bundle.path,
        capture_output=True,
        text=True,
        check=True,
    )
    answers = [chances[1] for chances in json.loads(done.stdout)]
    assert answers == bundle.golden()["probability"].tolist()


def test_own_code_is_named_where_the_model_alone_needs_it() -> None:
    own = documents.ModelFile(["problems.loans.models.Mine"], "predict")
    readme = documents.readme("loans", own)
    assert (
        "are enough beside the problem's own code, the wheel `millrace_problem_…`. In this"
        in readme
    )
    assert "print(model.predict(rows))" in readme
