"""A Kubernetes API that has nothing yet, keeps what it is given, and shows it by its name."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

CONFIG = """
apiVersion: v1
kind: Config
current-context: here
clusters: [{{name: here, cluster: {{server: "{url}"}}}}]
contexts: [{{name: here, context: {{cluster: here, user: nobody}}}}]
users: [{{name: nobody, user: {{}}}}]
"""


@dataclass
class Api:
    """What was created, by kind and name."""

    config: Path
    created: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def kind(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the objects of a kind by name."""
        return {name: thing for (of, name), thing in self.created.items() if of == kind}


@contextmanager
def serving(folder: Path) -> Iterator[Api]:
    """Serve it from a thread; its client's configuration is written into a folder."""
    api = Api(folder / "kubeconfig")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            *_, plural, wanted = self.path.split("/")
            things = api.created.items()
            found = [
                it for (kind, name), it in things if (f"{kind.lower()}s", name) == (plural, wanted)
            ]
            missing = {"kind": "Status", "status": "Failure", "reason": "NotFound"}
            self._answer(*((200, found[0]) if found else (404, missing)))

        def do_POST(self) -> None:
            self._keep(201)

        def do_PUT(self) -> None:
            self._keep(200)

        def _keep(self, status: int) -> None:
            thing = json.loads(self.rfile.read(int(self.headers["content-length"])))
            about = thing["metadata"]
            about.setdefault("name", f"{about.get('generateName', '')}{len(api.created)}")
            about["resourceVersion"] = str(int(about.get("resourceVersion", "0")) + 1)
            api.created[thing["kind"], about["name"]] = thing
            self._answer(status, thing)

        def _answer(self, status: int, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api.config.write_text(CONFIG.format(url=f"http://127.0.0.1:{server.server_port}"))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
