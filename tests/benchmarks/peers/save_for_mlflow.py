"""Saves a bundle's pipeline as an MLflow model, in the environment of MLflow."""

import sys

import mlflow.sklearn
import skops.io

bundle, folder, *trusted = sys.argv[1:]
pipeline = skops.io.load(f"{bundle}/model.skops", trusted=trusted)
mlflow.sklearn.save_model(
    pipeline, folder, pyfunc_predict_fn="predict_proba", skops_trusted_types=trusted
)
