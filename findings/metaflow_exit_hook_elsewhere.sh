#!/usr/bin/env bash
# Metaflow 2.19.39: is a flow's @exit_hook called when the flow's file is in another folder than one stands in?
# Expected: yes. Seen: no. The runtime gives the hook's process the base name of the file alone, which it
# then looks for in the folder that one stands in; the run says that the hook failed, and nothing else. A hook
# that is named by its module (`on_success=["package.module.function"]`) is found.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check metaflow==2.19.39
mkdir flows
cat > flows/hooked.py <<'PYTHON'
from metaflow import FlowSpec, exit_hook, step


def said():
    print("the hook was called")


@exit_hook(on_success=[said])
class HookedFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    HookedFlow()
PYTHON
export USERNAME=somebody
elsewhere=$(venv/bin/python flows/hooked.py run 2>&1 | grep -E "the hook was called|exit_hook|No such file" | tail -1)
beside=$(cd flows && ../venv/bin/python hooked.py run 2>&1 | grep -E "the hook was called|exit_hook" | tail -1)
echo "from beside the file: $beside"
echo "from elsewhere: $elsewhere"
[[ $beside == "the hook was called" && $elsewhere != "the hook was called" ]]
