"""What MLflow calls to load an exported model, which has a copy of this module and of all code.

Nothing of Millrace is imported before the archive of it, beside this module, can be.
"""

import sys
from pathlib import Path
from typing import Any

CODE = "millrace.zip"


def _load_pyfunc(path: str) -> Any:
    sys.path.insert(0, str(Path(__file__).with_name(CODE)))
    from pyfunc_model import load_answers

    return load_answers(Path(path))
