"""What a bundle says to the person who unpacks it, and to a container's builder."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from shared import problem_code
from shared.model.bundle import PYTHON

README = """\
# A model for `{name}`, ready to serve

Everything that the model needs is in this folder; nothing is executed in order to load it.
`manifest.json` names every file's sha256; a changed file is refused by name.{sample}

## Serve it

It was packaged on Python {python}, and `requirements.lock` is for that version.

```
python{python} -m venv ../{name}-serving
../{name}-serving/bin/pip install -r requirements.lock
../{name}-serving/bin/pip install --no-deps wheels/*.whl
../{name}-serving/bin/millrace serve --bundle .{trust}
```

The routes are described at http://127.0.0.1:8000/docs. Every answered prediction is a row in
`.millrace/{name}.db`, or in the database that `MILLRACE_LOG` names (for PostgreSQL also
`pip install "psycopg[binary]"`).

## The model alone

`model.skops` loads without Millrace: pandas, pyarrow, and the versions of scikit-learn and skops in
`requirements.lock` are enough{own}. In this folder,
the following answers the golden rows, and shows what a row is to the model: numbers and booleans
are floats, times are seconds since 1970 (UTC), categories are texts, and what is missing, or none
of the categories, is NaN. What is decided by a score is the `rule` in `manifest.json`.

```python
import json

import numpy as np
import pandas as pd
import skops.io

model = skops.io.load("model.skops", trusted={types})
with open("contract.json") as file:
    contract = json.load(file)
rows = pd.read_parquet("golden.parquet")[contract["features"]]
for column in contract["columns"]:
    name, known = column["name"], column["categories"]
    if name not in rows:
        continue
    values = rows[name]
    if column["type"] == "time":
        values = (values - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(seconds=1)
    elif column["type"] in ("category", "text"):
        found = values.notna() if known is None else values.isin(known)
        values = values.astype(object).where(found, np.nan)
    else:
        values = values.astype("float64")
    rows[name] = values
print(model.{method}(rows))
```

## In a container

```
docker build -t {name} .
docker run --rm {name} millrace key --name me --role admin
docker run -p 8000:8000 -v {name}-log:/log -e MILLRACE_API_KEYS="me:admin:…" {name}
```

The second line prints a key, which callers send as `Authorization: Bearer KEY`, and the entry for
the third: a server that other machines can reach answers nobody without one.

## What is here

| file | what it is |
|---|---|
| `manifest.json` | name, kind, lineage, and the sha256 of every other file |
| `model.skops` | the fitted scikit-learn pipeline |
| `contract.json`, `settings.json` | the columns of a row: types, ranges, categories; the problem |
| `reference.parquet` | held-out rows with predictions and outcomes |
| `profile.json` | the history's counts, and how much it varies |
| `evaluation.json` | scores with intervals, slices, gates |
| `golden.parquet` | rows with the answers that the training run's model gave them |
| `requirements.lock`, `wheels/` | what serving needs: pins, Millrace, the problem's own code |
"""

DOCKERFILE = """\
FROM python:{python}-slim
WORKDIR /bundle
COPY requirements.lock ./
RUN pip install --no-cache-dir -r requirements.lock
COPY . .
RUN pip install --no-cache-dir --no-deps wheels/*.whl \\
    && useradd --create-home server && mkdir /log && chown server /log
USER server
ENV MILLRACE_LOG=sqlite:////log/predictions.db
VOLUME /log
EXPOSE 8000
CMD {command}
"""


@dataclass(frozen=True)
class ModelFile:
    """What a reader of the model file needs: the types that it names, and what gives the scores."""

    types: Sequence[str]
    method: str


# In a container.
SERVE = ("millrace", "serve", "--bundle", "/bundle", "--host", "0.0.0.0", "--spool", "/log/spool")


def readme(
    name: str, model: ModelFile, trusted: Sequence[str] = (), sample: str | None = None
) -> str:
    """Return a bundle's README.md; `trusted` are types that whoever serves it has to name.

    `sample` says in words of which rows the model's were a sample, if they were one.
    """
    options = "".join(f" --trust {each}" for each in trusted)
    own = any(each.startswith(f"{problem_code.PACKAGE}.") for each in model.types)
    return README.format(
        name=name,
        python=PYTHON,
        trust=options,
        sample=f"\nThe model learnt from, and was judged on, a sample: {sample}." if sample else "",
        types=json.dumps(model.types),
        method=model.method,
        own=" beside the problem's own code, the wheel `millrace_problem_…`" if own else "",
    )


def dockerfile(trusted: Sequence[str] = ()) -> str:
    """Return a bundle's Dockerfile, which names the types of `trusted`."""
    command = [*SERVE, *(word for each in trusted for word in ("--trust", each))]
    return DOCKERFILE.format(python=PYTHON, command=json.dumps(command))
