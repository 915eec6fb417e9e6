"""Bundles handed on: an MLflow model, a version in its registry, an ONNX graph."""
