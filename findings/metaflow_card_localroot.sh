#!/usr/bin/env bash
# Metaflow 2.19.39: METAFLOW_CARD_LOCALROOT names the folder for cards on a laptop. Where do they go?
# Expected: into that folder. Seen: it is never made, and each card lies in the folder of its task among
# the runs, since the look-up returns a root only where the variable is not set. Whoever reads cards
# from where the setting says finds none.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check metaflow==2.19.39
cat > hello.py <<'PYTHON'
from metaflow import FlowSpec, card, step


class HelloFlow(FlowSpec):
    @card(type="blank")
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    HelloFlow()
PYTHON
export METAFLOW_CARD_LOCALROOT="$place/cards" METAFLOW_USER=tester
venv/bin/python hello.py run > run.log 2>&1
card=$(find . -name "*.html" -path "*HelloFlow*" -not -path "./venv/*")
named=$([[ -d cards ]] && echo made || echo "not made")
echo "metaflow 2.19.39: the folder that was named is $named; the card is at ${card/[0-9]*\/steps/RUN/steps}"
[[ ! -d cards && $card == ./.metaflow/HelloFlow/* ]]
