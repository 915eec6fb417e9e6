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
