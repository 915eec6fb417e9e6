"""What a cluster has around its pods, on this machine: S3, the metadata service, a webhook."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import uvicorn
from starlette.types import ASGIApp

from tests.postgres import free_port

BUCKET = "millrace"
# Any pair is good enough for moto's server; these are planted, and looked for in what runs leave.
KEYS = {"AWS_ACCESS_KEY_ID": "planted-key-id-7b1f", "AWS_SECRET_ACCESS_KEY": "planted-secret-93ac"}


@dataclass(frozen=True)
class S3:
    """moto's S3 server with one bucket."""

    url: str

    @property
    def environment(self) -> dict[str, str]:
        """What Metaflow is told so that it keeps everything here."""
        return KEYS | {
            "AWS_DEFAULT_REGION": "eu-west-1",
            "METAFLOW_DEFAULT_DATASTORE": "s3",
            "METAFLOW_DATASTORE_SYSROOT_S3": f"s3://{BUCKET}/metaflow",
            "METAFLOW_S3_ENDPOINT_URL": self.url,
        }

    def contents(self) -> Iterator[tuple[str, bytes]]:
        """Yield every object of the bucket: its key, and its bytes."""
        client = self._client()
        for key, _ in self.sizes():
            yield key, client.get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def sizes(self) -> Iterator[tuple[str, int]]:
        """Yield the key of every object of the bucket, and how many bytes it has."""
        for page in self._client().get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
            yield from ((entry["Key"], entry["Size"]) for entry in page.get("Contents", []))

    def _client(self) -> Any:
        keys = {name.lower(): value for name, value in KEYS.items()}
        return boto3.client("s3", endpoint_url=self.url, region_name="eu-west-1", **keys)


@contextmanager
def s3() -> Iterator[S3]:
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        server = S3(f"http://127.0.0.1:{port}")
        _until(lambda: server._client().list_buckets())
        place = {"LocationConstraint": "eu-west-1"}
        server._client().create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
        yield server
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """Serve an application from a thread; gives its address."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + 30
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@dataclass
class Webhook:
    """Where Argo Events would take events from: keeps what is posted."""

    url: str = ""
    received: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def webhook() -> Iterator[Webhook]:
    kept = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            kept.received.append(json.loads(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_port}/events"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _until(call: Any, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            call()
            return
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
