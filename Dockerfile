# What the flows' tasks run in on a cluster: Python with the pinned packages that flows need, and
# nothing of Millrace, which comes with each run's code package. Holds no secret.
FROM python:3.11-slim

WORKDIR /build
COPY pyproject.toml requirements.lock ./
# uv by its own pin; then what flows need, by the pins and hashes of the lock, without the tools
# that only development needs.
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN awk '/^[^ ]/ {mine = /^uv==/} mine' requirements.lock > uv.lock \
    && pip install --no-cache-dir --require-hashes -r uv.lock \
    && uv pip install --system --no-cache --compile-bytecode -r pyproject.toml \
    --extra cloud --extra openlineage --extra optuna --extra postgres --group examples --constraints requirements.lock \
    && rm -r /build

RUN useradd --create-home --uid 1000 millrace
USER 1000
WORKDIR /home/millrace
ENV METAFLOW_USER=millrace METAFLOW_SKIP_INSTALL_DEPENDENCIES=1 PYTHONUNBUFFERED=1
