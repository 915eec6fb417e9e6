"""Runs a WorkflowTemplate as Argo does: its DAG, and in each pod the container's own command.

A pod is a process in a mount namespace of its own: its /mnt/out, its /tmp and the folder that it
starts in are empty, and the checkout is not there. Its Python is the image's (see `image.py`).
"""

import base64
import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.rehearsal.image import Image

PARALLEL = 2
# A process of its own, as the kernel counts the memory of whoever starts one as that one's.
MEASURED = """
import os, subprocess, sys
pod = subprocess.Popen(sys.argv[2:])
_, ended, used = os.wait4(pod.pid, 0)
with open(sys.argv[1], "w") as told:
    told.write(f"{used.ru_utime + used.ru_stime} {used.ru_maxrss / 1024}")
os._exit(os.waitstatus_to_exitcode(ended))
"""
Values = dict[str, str]


class PodFailedError(AssertionError):
    """Tells what a pod said last."""


@dataclass(frozen=True)
class Used:
    """What a pod took: seconds of CPU, and the most MB that one of its processes had at once."""

    flow: str
    step: str
    cpu: float
    mb: float


@dataclass
class Cluster:
    """Where pods run: their image, the secrets that they may be given, and what they all have.

    `environment` stands for what a service account gives: the keys to the bucket.
    """

    folder: Path
    image: Image
    environment: Values
    secrets: Mapping[str, Values] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    used: list[Used] = field(default_factory=list)
    _numbers: Any = field(default_factory=itertools.count)

    def submit(self, template: dict[str, Any], **parameters: str) -> str:
        """Run a workflow of a template to its end; returns its run's id.

        Raises `PodFailedError` when a container ends with anything but 0.
        """
        stem = template["metadata"]["name"]
        name = f"{stem.replace('.', '-')}-{next(self._numbers)}"
        Workflow(self, template, name, parameters).run()
        return f"argo-{name}"

    def run(
        self, name: str, command: list[str], environment: Values, out: Path
    ) -> tuple[float, float]:
        """Run a container's command in a pod of its own; what it leaves in /mnt/out is in `out`.

        Returns its seconds of CPU, and the most MB that one of its processes had at once.
        """
        pod = self.folder / name
        places = {"/mnt/out": out, "/mnt/work": pod / "work", "/mnt/tmp": pod / "tmp"}
        places |= self.image.places
        for place in (out, pod / "work", pod / "tmp"):
            place.mkdir(parents=True)
        lines = ["set -e", "mount -t tmpfs tmpfs /mnt"]
        lines += [f"mkdir {p} && mount --bind {where} {p}" for p, where in places.items()]
        lines += ["mount --bind /mnt/tmp /tmp", "umount /mnt/tmp"]
        lines += [f"if [ -d {ROOT} ]; then mount -t tmpfs tmpfs {ROOT}; fi", "cd /mnt/work"]
        namespace = ["unshare", "--mount", *(["--map-root-user"] if os.getuid() else [])]
        command = [*namespace, "bash", "-c", "; ".join([*lines, 'exec "$@"']), "pod", *command]
        done = subprocess.run(
            [sys.executable, "-IS", "-c", MEASURED, str(pod / "used"), *command],
            env=self.image.environment | self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.said.append(done.stdout)
        if done.returncode:
            raise PodFailedError(f"{name} ended with {done.returncode}:\n{done.stdout[-4_000:]}")
        cpu, mb = map(float, (pod / "used").read_text().split())
        return cpu, mb


class Workflow:
    """One workflow: its templates, and the values that hold for all of it."""

    def __init__(
        self, cluster: Cluster, template: dict[str, Any], name: str, parameters: Values
    ) -> None:
        self._cluster, self._name, spec = cluster, name, template["spec"]
        self._flow = template["metadata"]["annotations"]["metaflow/flow_name"]
        self._entrypoint, self._hooks = spec["entrypoint"], spec.get("hooks") or {}
        self._templates = {each["name"]: each for each in spec["templates"]}
        asked = {p["name"]: p.get("value") for p in spec["arguments"]["parameters"]} | parameters
        missing = [name for name, value in asked.items() if value is None]
        assert not missing, f"Argo would not start it without values of {missing}"
        self._values = {
            "workflow.name": name,
            "workflow.namespace": "default",
            "workflow.creationTimestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            **{f"workflow.parameters.{key}": value for key, value in asked.items()},
        }

    def run(self) -> None:
        """Run it to its end, and then the hooks of such an end."""
        try:
            self._run(self._entrypoint, {}, self._name)
        except PodFailedError:
            self._call_hooks("Failed")
            raise
        self._call_hooks("Succeeded")

    def start(self) -> None:
        """Run the first task, and no more."""
        tasks = self._templates[self._entrypoint]["dag"]["tasks"]
        (first,) = (task for task in tasks if not _depends(task))
        self._run_task(first, self._values, f"{self._name}-{first['name']}")

    def _call_hooks(self, status: str) -> None:
        for name, hook in self._hooks.items():
            template = self._templates[hook["template"]]
            # What Metaflow adds for Argo's own sake has no container.
            if template.get("container") and f"'{status}'" in hook["expression"]:
                self._run_container(template, self._values, f"{self._name}-{name}")

    def _run(self, name: str, inputs: Values, path: str) -> Values:
        """Run a template with its inputs; returns its output parameters."""
        template = self._templates[name]
        values = self._values | {f"inputs.parameters.{key}": v for key, v in inputs.items()}
        if template.get("dag"):
            values = self._run_tasks(template["dag"]["tasks"], values, path)
            out = Path()
        else:
            out = self._run_container(template, values, path)
        found = {}
        for output in (template.get("outputs") or {}).get("parameters", []):
            source = output["valueFrom"]
            found[output["name"]] = (
                filled(source["parameter"], values)
                if source.get("parameter")
                else (out / Path(source["path"]).name).read_text()
            )
        return found

    def _run_tasks(self, tasks: list[dict[str, Any]], values: Values, path: str) -> Values:
        """Run the tasks of a DAG in the order that they depend on one another."""
        waiting, done = list(tasks), set[str]()
        while waiting:
            ready = [task for task in waiting if _depends(task) <= done]
            assert ready, f"nothing can go on: {[task['name'] for task in waiting]}"
            for task in ready:
                assert not task.get("when"), f"{task['name']} is conditional: {task['when']}"
                values = values | self._run_task(task, values, f"{path}-{task['name']}")
                done.add(task["name"])
                waiting.remove(task)
        return values

    def _run_task(self, task: dict[str, Any], values: Values, path: str) -> Values:
        """Run a task, once or for each item; of many, the outputs are a list."""

        def once(item: Any, path: str) -> Values:
            known = values | ({} if item is None else {"item": _text(item)})
            asked = (task.get("arguments") or {}).get("parameters", [])
            return self._run(
                task["template"], {p["name"]: filled(p["value"], known) for p in asked}, path
            )

        if not task.get("withParam"):
            found = once(None, path)
        else:
            items = json.loads(filled(task["withParam"], values))
            with ThreadPoolExecutor(PARALLEL) as pool:
                paths = [f"{path}-{at}" for at in range(len(items))]
                outputs = list(pool.map(once, items, paths))
            names = set().union(*outputs)
            found = {name: json.dumps([each[name] for each in outputs]) for name in names}
        return {f"tasks.{task['name']}.outputs.parameters.{k}": v for k, v in found.items()}

    def _run_container(self, template: dict[str, Any], values: Values, path: str) -> Path:
        """Run a container, as often as its template says if it fails; returns its /mnt/out."""
        container = template["container"]
        retries = int((template.get("retryStrategy") or {}).get("limit", 0))
        for attempt in range(retries + 1):
            known = values | {"retries": str(attempt)}
            name = f"{path}-{attempt}"
            out = self._cluster.folder / name / "out"
            command = [filled(word, known) for word in container["command"]]
            try:
                environment = self._environment(container, known)
                used = self._cluster.run(name, command, environment, out)
                self._cluster.used.append(Used(self._flow, template["name"], *used))
                return out
            except PodFailedError:
                if attempt == retries:
                    raise
        raise AssertionError("a container runs at least once")

    def _environment(self, container: dict[str, Any], values: Values) -> Values:
        found: Values = {}
        for source in container.get("envFrom") or []:
            found |= self._cluster.secrets[source["secretRef"]["name"]]
        for entry in container["env"]:
            told = entry.get("valueFrom")
            # What a pod is told of itself and of its node.
            found[entry["name"]] = (
                told["fieldRef"]["fieldPath"] if told else filled(str(entry["value"]), values)
            )
        return found


def filled(text: str, values: Values) -> str:
    """Put values where a template has their names, or an expression of one, in double braces."""

    def value(found: re.Match[str]) -> str:
        name = found[1].strip()
        if not name.startswith("="):
            return values[name]
        encoded = re.fullmatch(r"=toBase64\(workflow\.parameters\['([^']+)'\]\)", name)
        assert encoded, f"an expression that is not known here: {name}"
        return base64.b64encode(values[f"workflow.parameters.{encoded[1]}"].encode()).decode()

    return re.sub(r"\{\{(.+?)\}\}", value, text)


def _depends(task: dict[str, Any]) -> set[str]:
    """Return the tasks that have to succeed before this one."""
    told = task.get("depends") or ""
    assert not re.search(r"[|!]", told), f"{task['name']} depends on what failed: {told}"
    return set(re.findall(r"([\w-]+)\.Succeeded", told))


def _text(item: Any) -> str:
    return item if isinstance(item, str) else json.dumps(item)
