"""Saves a bundle's pipeline as MLServer's runtime for scikit-learn takes it, in its environment."""

import json
import sys
from pathlib import Path

import joblib
import skops.io

bundle, made, *trusted = sys.argv[1:]
folder = Path(made)
folder.mkdir()
joblib.dump(skops.io.load(f"{bundle}/model.skops", trusted=trusted), folder / "model.joblib")
model = {
    "name": "flights",
    "implementation": "mlserver_sklearn.SKLearnModel",
    "parameters": {"uri": "./model.joblib"},
    # Requests that come together are answered together, as MLServer's own documentation has it.
    "max_batch_size": 128,
    "max_batch_time": 0.005,
}
(folder / "model-settings.json").write_text(json.dumps(model))
server = {"host": "127.0.0.1", "grpc_port": 0, "metrics_endpoint": None, "parallel_workers": 0}
(folder / "settings.json").write_text(json.dumps(server))
