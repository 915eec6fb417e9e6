#!/usr/bin/env bash
# Metaflow 2.19.39: has a resumed run succeeded whose flow's last step is not called `end`?
# Expected: yes, once its last step has. Seen: no, never. A run says in the metadata of `_parameters` how its last
# step is called; resuming clones that task without its metadata, so that the client looks for a step `end`.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check metaflow==2.19.39
cat > named.py <<'PYTHON'
from metaflow import FlowSpec, step


class NamedFlow(FlowSpec):
    @step(start=True)
    def load(self):
        self.next(self.judge)

    @step(end=True)
    def judge(self):
        pass


if __name__ == "__main__":
    NamedFlow()
PYTHON
export USERNAME=somebody
venv/bin/python named.py run > said 2>&1
venv/bin/python named.py resume judge >> said 2>&1
found=$(venv/bin/python -c '
from metaflow import Flow
print(*[run.successful for run in Flow("NamedFlow").runs()])')
echo "the run and the resumed one have succeeded (the newest first): $found"
[[ $found == "False True" ]]
