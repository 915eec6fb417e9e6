"""Whatever is asked, by its OpenAPI document or against it: no 5xx, and no unlogged answer."""

from pathlib import Path

import pyarrow as pa
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.schemas import APIOperation

from shared.model.bundle import Bundle
from shared.serving.security import keys
from tests.conftest import loans
from tests.serving.processes import logged, serving
from tests.serving.protocols.test_columnar import WRITTEN, read

EXAMPLES = 40
ONLY_RIGHT = (GenerationMode.POSITIVE,)
TABLE = pa.Table.from_pandas(loans(3, seed=5).drop(columns="defaulted"))
for kind, written in WRITTEN.items():
    schemathesis.openapi.media_type(kind, st.just(written(TABLE)))


def test_it_answers_as_its_document_says_and_logs_what_it_predicts(
    bundle: Bundle, tmp_path: Path
) -> None:
    secret, entry = keys.new_key("fuzz", "admin")
    headers, ids = {"Authorization": f"Bearer {secret}"}, set[str]()
    words = ("--bundle", str(bundle.path))
    with serving(tmp_path, *words, MILLRACE_API_KEYS=entry) as running:
        api = schemathesis.openapi.from_url(f"{running.url}/openapi.json", headers=headers)
        operations = [found.ok() for found in api.get_all_operations()]
        for operation in operations:
            # Where nothing is sent, nothing can be wrong with it.
            for mode in GenerationMode if operation.method == "post" else ONLY_RIGHT:
                ids |= fuzz(operation, mode, headers)
    assert {operation.path for operation in operations} >= {"/predict", "/outcomes", "/bundle"}
    assert ids
    assert ids == set(logged(bundle, tmp_path / ".millrace" / "loans.db")["prediction_id"])


def fuzz(operation: APIOperation, mode: GenerationMode, headers: dict[str, str]) -> set[str]:
    """Ask an operation what its schema allows, or what it does not; returns prediction ids."""
    ids: set[str] = set()

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Case) -> None:
        # What explains is imported when it is first asked.
        answer = case.call_and_validate(headers=headers, timeout=60)
        if case.path == "/predict" and answer.status_code == 200:
            kind = answer.headers["content-type"][0]
            is_table = kind in WRITTEN
            told = read(answer.content, kind).to_pylist() if is_table else answer.json()
            ids.update(row["prediction_id"] for row in (told if isinstance(told, list) else [told]))

    ask()
    return ids
