#!/usr/bin/env bash
# pyarrow 26.0.1: what does a cast to int64 make of the text "0x10"?
# Expected: an error, as a cast to float64 gives, and as int("0x10") does. Seen: 16. A column of codes such as
# "0x10" that is cast to see whether it holds whole numbers passes for one. CSV's reader infers the same.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install --quiet --disable-pip-version-check pyarrow==26.0.1
venv/bin/python - <<'PYTHON'
import io

import pyarrow
import pyarrow.csv

texts = pyarrow.array(["0x10"])
whole = texts.cast(pyarrow.int64())[0].as_py()
try:
    real = texts.cast(pyarrow.float64())[0].as_py()
except pyarrow.ArrowInvalid:
    real = "refused"
read = pyarrow.csv.read_csv(io.BytesIO(b"code\n0x10\n"))
print(f"pyarrow {pyarrow.__version__}: as int64 {whole}, as float64 {real}; a CSV's column is {read.schema.field(0).type}")
raise SystemExit(not (whole == 16 and real == "refused" and str(read.schema.field(0).type) == "int64"))
PYTHON
