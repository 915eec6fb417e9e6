"""What a bundle says to whoever unpacks it."""

from shared.model.bundle import PYTHON, Bundle
from shared.packaging import documents


def test_the_readme_names_every_file_of_a_bundle(bundle: Bundle) -> None:
    readme = documents.readme("loans")
    unnamed = [path.name for path in bundle.path.iterdir() if f"`{path.name}" not in readme]
    assert set(unnamed) == {"README.md", "Dockerfile"}
    assert f"packaged on Python {PYTHON}" in readme
    assert "docker build -t loans ." in readme


def test_the_container_runs_the_python_that_packaged_it() -> None:
    first, *_, last = documents.dockerfile().splitlines()
    assert first == f"FROM python:{PYTHON}-slim"
    assert '"serve", "--bundle", "/bundle"' in last


def test_types_that_are_not_known_are_named_where_it_is_served() -> None:
    foreign = ["lightgbm.basic.Booster"]
    serve = "millrace serve --bundle . --trust lightgbm.basic.Booster\n"
    assert serve in documents.readme("loans", foreign)
    last = documents.dockerfile(foreign).splitlines()[-1]
    assert last.endswith('"--trust", "lightgbm.basic.Booster"]')
