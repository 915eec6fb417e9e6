#!/usr/bin/env bash
# skops 0.16.0: what does `import skops.io` import, in a process that is to load one model?
# Expected: what it needs to read a file. Seen: every module of scikit-learn, and pytest where it is
# there, as `skops.io._trusted_types` asks `sklearn.utils.all_estimators()` for names when it is
# imported. A server that only loads a model starts later for it, and is some 15 MB larger.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check skops pytest
cat > count.py <<'PYTHON'
import sys
import time

import sklearn.ensemble  # noqa: F401


def loaded() -> int:
    return sum(name.startswith("sklearn.") for name in sys.modules)


before, began = loaded(), time.process_time()
import skops  # noqa: E402
import skops.io  # noqa: E402

print(f"skops {skops.__version__}: importing skops.io took {time.process_time() - began:.1f} s;")
print(f"modules of scikit-learn: {before} before, {loaded()} after; pytest: {'pytest' in sys.modules}")
sys.exit(not (loaded() > before + 50 and "pytest" in sys.modules))
PYTHON
venv/bin/python count.py
