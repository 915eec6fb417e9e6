#!/usr/bin/env bash
# pyarrow 26.0.1: which float does a cast make of the decimal 12.04?
# Expected: 12.04, the float that is nearest, as float("12.04") and a cast of the text give. Seen:
# 12.040000000000001. Of all amounts of two decimals up to 10,000.00 one in seven becomes another float, so that
# a row from a Parquet file of decimals and the same row as JSON need not be answered alike.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check pyarrow==26.0.1
venv/bin/python - <<'PYTHON'
from decimal import Decimal

import pyarrow

amounts = [Decimal(cents) / 100 for cents in range(1_000_001)]
held = pyarrow.array(amounts, pyarrow.decimal128(14, 2))
nearest = [float(str(amount)) for amount in amounts]
others = sum(a != b for a, b in zip(held.cast(pyarrow.float64()).to_pylist(), nearest))
texts = sum(a != b for a, b in zip(held.cast(pyarrow.string()).cast(pyarrow.float64()).to_pylist(), nearest))
print(f"pyarrow {pyarrow.__version__}: {others:,} of {len(amounts):,} become another float, {texts} by way of a text")
raise SystemExit(not (others > 100_000 and texts == 0))
PYTHON
