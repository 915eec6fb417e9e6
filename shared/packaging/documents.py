"""What a bundle says to the person who unpacks it, and to a container's builder."""

import json
from collections.abc import Sequence

from shared.model.bundle import PYTHON

README = """\
# A model for `{name}`, ready to serve

Everything that the model needs is in this folder; nothing is executed in order to load it.
`manifest.json` names every file's sha256; a changed file is refused by name.

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


# In a container.
SERVE = ("millrace", "serve", "--bundle", "/bundle", "--host", "0.0.0.0", "--spool", "/log/spool")


def readme(name: str, trusted: Sequence[str] = ()) -> str:
    """Return a bundle's README.md; `trusted` are types that whoever serves it has to name."""
    options = "".join(f" --trust {each}" for each in trusted)
    return README.format(name=name, python=PYTHON, trust=options)


def dockerfile(trusted: Sequence[str] = ()) -> str:
    """Return a bundle's Dockerfile, which names the types of `trusted`."""
    command = [*SERVE, *(word for each in trusted for word in ("--trust", each))]
    return DOCKERFILE.format(python=PYTHON, command=json.dumps(command))
