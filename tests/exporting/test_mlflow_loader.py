"""What MLflow calls: it finds all code in the archive beside it (with MLflow: `make exports`)."""

import json
import subprocess
import sys
from pathlib import Path

from shared.exporting import mlflow_model
from shared.model.bundle import Bundle

# As MLflow does: the folder with the code comes first.
LOAD = """
import json, sys
code, bundle = sys.argv[1:]
sys.path.insert(0, code)
import mlflow_loader
assert "shared" not in sys.modules
answers = mlflow_loader._load_pyfunc(bundle)
import pandas as pd, shared
rows = pd.read_parquet(f"{bundle}/golden.parquet")
print(json.dumps([shared.__file__, answers.predict(rows)["probability"].tolist()]))
"""


def test_two_files_have_all_code_and_answer_as_the_bundle_does(
    bundle: Bundle, tmp_path: Path
) -> None:
    with mlflow_model.code_files(bundle) as files:
        assert [file.name for file in files] == ["millrace.zip", "mlflow_loader.py"]
        for file in files:
            (tmp_path / file.name).write_bytes(file.read_bytes())
    words = [sys.executable, "-c", LOAD, str(tmp_path), str(bundle.path)]
    done = subprocess.run(words, cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    place, answers = json.loads(done.stdout)
    assert place == f"{tmp_path}/millrace.zip/shared/__init__.py"
    assert answers == bundle.golden()["probability"].tolist()
