"""Metaflow's metadata service as far as its client asks of it, with all that it knows in memory."""

import itertools
import time
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

VERSION = {"METADATA_SERVICE_VERSION": "2.5.0"}
RUN = "/flows/{flow}/runs/{run}"
STEP = f"{RUN}/steps/{{step}}"
TASK = f"{STEP}/tasks/{{task}}"


class Registry:
    """Objects by their path, in the order in which they came; artifacts and metadata by task."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.artifacts: dict[str, list[dict[str, Any]]] = {}
        self.metadata: dict[str, list[dict[str, Any]]] = {}
        self.numbers = itertools.count(1)

    async def create(self, request: Request) -> Response:
        """Take a flow, a run, a step or a task; those without a number get one."""
        body = await request.json() if await request.body() else {}
        path, kind = request.url.path, "flow"
        if "flow" in request.path_params and path.count("/") > 2:
            path, _, kind = path.rpartition("/")
            name = {"run": "run_number", "step": "step_name", "task": "task_id"}[kind]
            if kind != "step":
                body.setdefault(name, str(next(self.numbers)))
                path = f"{path}/{kind}s/{body[name]}"
        if path in self.objects:
            return Response("it is there already", 409)
        self.objects[path] = {"ts_epoch": int(time.time() * 1000), **request.path_params, **body}
        return JSONResponse(self.objects[path])

    async def get(self, request: Request) -> Response:
        found = self.objects.get(request.url.path)
        return JSONResponse(found) if found else Response("not found", 404)

    async def children(self, request: Request) -> Response:
        """List the runs of a flow (the newest first), the steps of a run, the tasks of a step."""
        path = request.url.path
        if path.rpartition("/")[0] not in self.objects:
            return Response("not found", 404)
        found = [v for k, v in self.objects.items() if k.rpartition("/")[0] == path]
        return JSONResponse(found[::-1])

    async def add_artifacts(self, request: Request) -> Response:
        kept = self.artifacts.setdefault(request.url.path.rpartition("/")[0], [])
        new = await request.json()
        named = {(a["name"], a["attempt_id"]) for a in new}
        kept[:] = [a for a in kept if (a["name"], a["attempt_id"]) not in named] + new
        return JSONResponse({})

    async def list_artifacts(self, request: Request) -> Response:
        """List a task's artifacts, or one by its name: those of an attempt, or of the last."""
        named = request.path_params
        kept = self.artifacts.get(TASK.format(**named), [])
        last = max((a["attempt_id"] for a in kept), default=0)
        attempt = int(named.get("attempt", last))
        found = [a for a in kept if a["attempt_id"] == attempt]
        if "name" not in named:
            return JSONResponse(found)
        one = next((a for a in found if a["name"] == named["name"]), None)
        return JSONResponse(one) if one else Response("not found", 404)

    async def add_metadata(self, request: Request) -> Response:
        kept = self.metadata.setdefault(request.url.path.rpartition("/")[0], [])
        kept += [{"id": len(kept) + at, **m} for at, m in enumerate(await request.json())]
        return JSONResponse({})

    async def list_metadata(self, request: Request) -> Response:
        return JSONResponse(self.metadata.get(request.url.path.rpartition("/")[0], []))

    async def tag(self, request: Request) -> Response:
        asked, run = await request.json(), self.objects[RUN.format(**request.path_params)]
        kept = set(run["tags"]) - set(asked["tags_to_remove"]) | set(asked["tags_to_add"])
        run["tags"] = sorted(kept)
        return JSONResponse({"tags": run["tags"]})


async def ping(request: Request) -> Response:
    return PlainTextResponse("pong", headers=VERSION)


async def heartbeat(request: Request) -> Response:
    return JSONResponse('{"wait_time_in_seconds": 10}')


def application() -> Starlette:
    """Return the service with nothing in it."""
    kept = Registry()
    things = ["/flows/{flow}", RUN, STEP, TASK]
    makers = ["/flows/{flow}", "/flows/{flow}/run", f"{STEP}/step", f"{STEP}/task"]
    lists = ["/flows/{flow}/runs", f"{RUN}/steps", f"{STEP}/tasks"]
    names = [f"{TASK}/artifacts/{{name}}", f"{TASK}/artifacts/{{name}}/attempt/{{attempt}}"]
    artifacts = [f"{TASK}/artifacts", f"{TASK}/attempt/{{attempt}}/artifacts", *names]
    return Starlette(
        routes=[
            Route("/ping", ping),
            *(Route(path, kept.create, methods=["POST"]) for path in makers),
            *(Route(path, kept.get) for path in things),
            *(Route(path, kept.children) for path in lists),
            *(Route(path, kept.list_artifacts) for path in artifacts),
            Route(f"{TASK}/artifact", kept.add_artifacts, methods=["POST"]),
            Route(f"{TASK}/metadata", kept.add_metadata, methods=["POST"]),
            Route(f"{TASK}/metadata", kept.list_metadata),
            Route(f"{RUN}/tag/mutate", kept.tag, methods=["PATCH"]),
            *(Route(f"{p}/heartbeat", heartbeat, methods=["POST"]) for p in (RUN, TASK)),
        ]
    )
