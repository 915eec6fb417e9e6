"""A team's own repository: the flows, a problem, and what runs them, with Millrace as a wheel."""

import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import shared
from shared import problem_code, problems
from shared.errors import Refusal

TEMPLATES = Path(__file__).parent / "project"
# Where each template goes; the others have their own names.
PLACES = {
    "github.yml": ".github/workflows/report.yml",
    "gitlab.yml": ".gitlab-ci.yml",
    "report": ".ci/report",
    "devcontainer.json": ".devcontainer/devcontainer.json",
    "gitignore": ".gitignore",
    # As a .toml it would be read as the settings of this folder.
    "pyproject": "pyproject.toml",
}
# Of the checkout's Makefile.
TARGETS = (
    *("ingest", "new", "check", "train", "package", "review", "serve", "score", "monitor"),
    *("board", "cards"),
)
EXTRAS = "cloud,fairness,openlineage,optuna,postgres"
# Of the checkout's tools, those that a team's targets and notebooks call.
TOOLS = ("ipykernel", "pytest", "uv")
NOT_COPIED = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
# The checkout installs itself; a project its wheel.
EDITABLE = "--no-build-isolation --editable ."


def write_project(folder: Path, problem: str | None = None) -> list[Path]:
    """Write a project with a problem of this checkout, the flights if none is named.

    Returns what was written, folders as one. Raises `Refusal` where no checkout is here, there is
    no such problem, or the folder has something in it.
    """
    root = Path(shared.__file__).parent.parent
    if not all((root / each).exists() for each in ("flows/train.py", "requirements.lock")):
        raise Refusal(
            "a project is made of a Millrace checkout's flows, and there is none here: call "
            "`.venv/bin/millrace new --project` of a checkout"
        )
    if folder.exists() and any(folder.iterdir()):
        raise Refusal(f"{folder} has something in it already: name a new folder")
    own = problems.settings_file(problem).parent
    shutil.copytree(own, folder / "flows" / problem_code.PACKAGE / own.name, ignore=NOT_COPIED)
    for flow in (root / "flows").glob("*.py"):
        shutil.copy(flow, folder / "flows")
    shutil.copy(root / "requirements.lock", folder)
    _build_wheel(root, folder / "wheels")
    words = dict(_words(root, folder.resolve().name, own))
    for template in TEMPLATES.iterdir():
        written = folder / PLACES.get(template.name, template.name)
        written.parent.mkdir(parents=True, exist_ok=True)
        text = re.sub("@([a-z]+)@", lambda found: words[found[1]], template.read_text())
        written.write_text(text)
    (folder / PLACES["report"]).chmod(0o755)
    return sorted(folder.iterdir())


def _build_wheel(root: Path, folder: Path) -> None:
    """Build the wheel of the checkout, which asks for what it needs."""
    from hatchling.builders.wheel import WheelBuilder

    folder.mkdir()
    for _ in WheelBuilder(str(root)).build(directory=str(folder), versions=["standard"]):
        pass


def _words(root: Path, name: str, problem: Path) -> Iterator[tuple[str, str]]:
    """Yield what stands between the `@` of the templates, by its name."""
    makefile = (root / "Makefile").read_text()
    groups = tomllib.loads((root / "pyproject.toml").read_text())["dependency-groups"]
    code = "".join(file.read_text() for file in problem.glob("*.py"))
    read = [each for each in groups["examples"] if _module(each) in code]
    tools = [each for each in groups["dev"] if re.split("[^a-z-]", each)[0] in TOOLS]
    yield "name", re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "project"
    yield "problem", problem.name
    yield "names", " ".join(TARGETS)
    yield "targets", "".join(_block(makefile, each) for each in TARGETS)
    yield "setup", _block(makefile, "$(READY)").replace(EDITABLE, "wheels/*.whl").rstrip()
    yield "dependencies", _quoted([f"millrace[{EXTRAS}]=={shared.__version__}", *read])
    yield "dev", _quoted(tools)


def _block(makefile: str, target: str) -> str:
    """Return a target of a Makefile with its recipe, and an empty line."""
    found = re.search(rf"^{re.escape(target)}:.*\n(\t.*\n)+", makefile, re.MULTILINE)
    assert found, target
    return f"{found[0]}\n"


def _module(requirement: str) -> str:
    return re.split("[=<>]", requirement)[0].replace("-", "_")


def _quoted(requirements: list[str]) -> str:
    return ", ".join(f'"{each}"' for each in requirements)
