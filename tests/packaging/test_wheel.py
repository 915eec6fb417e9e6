"""The wheels of a bundle."""

import zipfile
from pathlib import Path

from shared.packaging import wheel


def test_the_wheel_has_the_same_bytes_each_time(tmp_path):
    one, two = wheel.build_wheel(tmp_path / "a"), wheel.build_wheel(tmp_path / "b")
    assert one.read_bytes() == two.read_bytes()


def test_a_problem_s_wheel_has_its_code_and_none_of_its_data(tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    for name in ("source.py", "problem.toml", "rows.parquet", "rows.csv.gz", "rows.tsv", ".secret"):
        (code / name).write_text("")
    made = wheel.build_problem_wheel("my_own", code, tmp_path / "wheels")
    assert made.name.startswith("millrace_problem_my_own-")
    files = [name for name in zipfile.ZipFile(made).namelist() if name.startswith("problems/")]
    assert sorted(files) == ["problems/my_own/problem.toml", "problems/my_own/source.py"]


def test_millrace_s_wheel_brings_its_command(tmp_path: Path) -> None:
    held = zipfile.ZipFile(wheel.build_wheel(tmp_path))
    (name,) = [name for name in held.namelist() if name.endswith("entry_points.txt")]
    assert "millrace = shared.cli:main" in held.read(name).decode()
