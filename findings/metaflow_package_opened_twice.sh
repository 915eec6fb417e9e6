#!/usr/bin/env bash
# Metaflow 2.19.39: how often is the archive of a run's code package opened?
# Expected: once. Seen: twice, and the first one is never closed, since `create()` opens it and entering
# the `with` block opens it again. On Python 3.12 and newer the forgotten gzip stream is flushed when it is
# collected, after its buffer is gone: each run prints "Exception ignored in: <gzip …>" and a traceback.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check metaflow==2.19.39
cat > count.py <<'PYTHON'
import tarfile

opened = []
real = tarfile.open


def counted(*args, **kwargs):
    opened.append(real(*args, **kwargs))
    return opened[-1]


tarfile.open = counted
from metaflow.packaging_sys.tar_backend import TarPackagingBackend

# As metaflow/package/__init__.py does it.
with TarPackagingBackend().create():
    pass
print(f"opened {len(opened)}, left open {sum(not archive.closed for archive in opened)}")
PYTHON
seen=$(venv/bin/python count.py)
echo "metaflow 2.19.39, $(venv/bin/python --version): $seen"
grep -q "with backend.create() as archive" "$(venv/bin/python -c 'import metaflow.package as p; print(p.__file__)')"
[[ $seen == "opened 2, left open 1" ]]
