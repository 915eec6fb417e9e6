"""The house keeps its shape: imports run one way, and a heavy library lives in one file."""

import ast
import importlib
import json
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = (
    "starting",
    "ingestion",
    "training",
    "packaging",
    "serving",
    "scoring",
    "monitoring",
    "review",
    "exporting",
)

# From the ground up; a module imports from its own level and from those below it.
LEVELS = (
    (
        *("shared", "shared.errors", "shared.words", "shared.frames", "shared.utc"),
        *("shared.run_memory", "shared.given_files"),
        *("shared.log_columns", "shared.kept", "shared.kinds", "shared.holiday_calendars"),
        *("shared.settings_text", "shared.reviewer"),
    ),
    (
        "shared.processes",
        "shared.sections",
        "shared.datastores",
        "shared.command_words",
        "shared.next_command",
        "shared.problem_code",
    ),
    ("shared.settings",),
    ("shared.settings_reading",),
    ("shared.problems",),
    ("shared.problem_commands",),
    ("shared.schema", "shared.cards"),
    (
        *("shared.tables", "shared.artifacts", "shared.flow_settings", "shared.policies"),
        "shared.final_cards",
    ),
    ("shared.tasks",),
    ("shared.tasks.binary",),
    ("shared.tasks.multiclass", "shared.tasks.ranking", "shared.tasks.regression"),
    ("shared.tasks.choice",),
    ("shared.log", "shared.profiles"),
    ("shared.baseline",),
    ("shared.model",),
    ("shared.reasons",),
    ("shared.lineage", "shared.lineage.metadata"),
    ("shared.lineage.endings", "shared.lineage.run_artifacts"),
    ("shared.lineage.run_history",),
    ("shared.lineage.trainings", "shared.lineage.reviews", "shared.lineage.windows"),
    ("shared.lineage.bundles",),
    ("shared.events",),
    tuple(f"shared.{room}" for room in ROOMS),
    ("shared.runs",),
    ("shared.board",),
    ("shared.pruning",),
    ("shared.cli", "shared.demo", "flows", "notebooks"),
)

# Where a library may be imported: a file, or a folder with all that is in it.
HOMES = {
    "deltalake": "shared/tables/delta.py",
    "evidently": "shared/monitoring/report.py",
    "holidays": "shared/holiday_calendars.py",
    "fastapi": ("shared/serving/", "shared/board/"),
    "matplotlib": "shared/cards.py",
    "mlflow": "shared/exporting/mlflow_model.py",
    "onnxruntime": "shared/exporting/onnx_model.py",
    "optuna": "shared/training/fitting/proposals.py",
    "metaflow.cards": "shared/cards.py",
    "skl2onnx": "shared/exporting/onnx_model.py",
    "skops": "shared/",
    "sqlalchemy": ("shared/log/", "shared/tables/query.py"),
}
CLIENT = {"Metaflow", "Flow", "Run", "Step", "Task", "DataArtifact", "namespace", "Runner"}
VAGUE = {"utils", "util", "common", "helpers", "base", "manager", "misc"}


def sources() -> dict[str, str]:
    """Return the text of every module, flow and notebook, by path within the repository."""
    modules = [*ROOT.glob("shared/**/*.py"), *ROOT.glob("flows/**/*.py")]
    found = {str(file.relative_to(ROOT)): file.read_text() for file in sorted(modules)}
    for file in sorted(ROOT.glob("notebooks/*.ipynb")):
        cells = [c for c in json.loads(file.read_text())["cells"] if c["cell_type"] == "code"]
        found[str(file.relative_to(ROOT))] = "\n\n".join("".join(c["source"]) for c in cells)
    return found


SOURCES = sources()
FLOW_FILES = [path for path in SOURCES if Path(path).parent == Path("flows")]
ROOM_FILES = [path for path in SOURCES if path.split("/")[1] in ROOMS]


def imports(path: str, text: str) -> Iterator[str]:
    """Yield what a file imports, wherever in it: `package.module.name` for `from … import name`."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relative to itself"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def module(path: str) -> str:
    """Return the dotted name of a file of ours."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def level(name: str) -> int | None:
    """Return the level that a dotted name of ours belongs to: that of its longest known part."""
    known = {part: height for height, parts in enumerate(LEVELS) for part in parts}
    parts = name.split(".")
    for length in range(len(parts), 1, -1):
        if ".".join(parts[:length]) in known:
            return known[".".join(parts[:length])]
    unplaced = parts[0] == "shared" and len(parts) > 1 and _is_module(parts[1])
    return None if unplaced else known.get(parts[0])


def ours(path: str) -> list[str]:
    return [name for name in imports(path, SOURCES[path]) if name.split(".")[0] == "shared"]


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


@pytest.mark.parametrize("path", SOURCES)
def test_every_module_has_a_place_and_imports_only_from_beside_or_below_it(path: str) -> None:
    height = level(module(path))
    assert height is not None, f"{path} stands in no level of LEVELS"
    above = [name for name in ours(path) if (level(name) or 0) > height]
    assert not above, f"{path} imports from above itself: {above}"


def test_no_modules_import_each_other_in_a_circle() -> None:
    modules = {module(path): path for path in SOURCES if path.startswith("shared/")}
    graph = {
        name: {found if found in modules else found.rpartition(".")[0] for found in ours(path)}
        - {name}
        for name, path in modules.items()
    }
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("path", ROOM_FILES)
def test_a_room_imports_no_other_room_but_for_the_bundle(path: str) -> None:
    others = [f"shared.{room}" for room in ROOMS if room != path.split("/")[1]]
    # `from shared.packaging import bundle` opens a bundle too.
    entered = [
        name
        for name in ours(path)
        if any(within(name, other) for other in others) and not within(name, "shared.model.bundle")
    ]
    assert not entered, f"{path} enters another room: {entered}"


@pytest.mark.parametrize(("library", "home"), HOMES.items())
def test_a_heavy_library_lives_in_one_place(library: str, home: str | tuple[str, ...]) -> None:
    users = [
        path for path in SOURCES if any(within(n, library) for n in imports(path, SOURCES[path]))
    ]
    strays = [path for path in users if not path.startswith(home)]
    assert not strays, f"{library} belongs in {home} alone"


def test_the_run_history_is_read_through_lineage_alone() -> None:
    names = {f"metaflow.{name}" for name in CLIENT} | {"metaflow", "metaflow.client"}
    users = {path for path in SOURCES if names & set(imports(path, SOURCES[path]))}
    strays = [path for path in users if not path.startswith("shared/lineage/")]
    assert users
    assert not strays, f"the run history is read in shared/lineage/ alone, not in {strays}"


def test_a_flow_imports_nothing_heavy_at_its_top() -> None:
    heavy = ("pandas", "numpy", "sklearn", *HOMES)
    for path in FLOW_FILES:
        top = ast.Module([n for n in ast.parse(SOURCES[path]).body if _is_import(n)], [])
        found = [n for n in imports(path, ast.unparse(top)) if any(within(n, h) for h in heavy)]
        assert not found, f"{path} imports {found} outside its steps"


def test_a_step_stays_below_twenty_lines() -> None:
    for path in FLOW_FILES:
        for node in ast.walk(ast.parse(SOURCES[path])):
            if isinstance(node, ast.FunctionDef) and node.end_lineno:
                length = node.end_lineno - node.lineno
                assert length < 20, f"{path}: {node.name} has {length + 1} lines"


def test_no_module_has_a_vague_name() -> None:
    assert not [path for path in SOURCES if Path(path).stem in VAGUE]


def test_a_notebook_defines_nothing_that_another_could_use() -> None:
    for path in (path for path in SOURCES if path.endswith(".ipynb")):
        defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        found = [n.name for n in ast.walk(ast.parse(SOURCES[path])) if isinstance(n, defined)]
        assert not found, f"{path} defines {found}: move it into shared/"


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def _is_module(name: str) -> bool:
    return (ROOT / "shared" / name).is_dir() or (ROOT / "shared" / f"{name}.py").is_file()


@pytest.mark.parametrize(
    "path", sorted((ROOT / "tests" / "benchmarks").glob("*.py")), ids=lambda p: p.stem
)
def test_a_benchmark_finds_what_it_imports_although_no_test_run_has_it(path: Path) -> None:
    importlib.import_module(f"tests.benchmarks.{path.stem}")
