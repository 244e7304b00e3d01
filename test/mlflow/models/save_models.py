"""Saves the two models that `mlflow models serve` offers: one that answers text, one that answers embeddings."""

import sys
from pathlib import Path

import mlflow
from mlflow.models import ModelSignature
from mlflow.types.schema import ColSpec, ParamSchema, ParamSpec, Schema

HERE = Path(__file__).parent
SIGNATURE = ModelSignature(
    inputs=Schema([ColSpec("string")]),
    params=ParamSchema([ParamSpec("n", "long", 1), ParamSpec("temperature", "double", 1.0)]),
)

for name in ("text_model", "embedding_model"):
    mlflow.pyfunc.save_model(
        path=str(Path(sys.argv[1]) / name),
        python_model=str(HERE / f"{name}.py"),
        signature=SIGNATURE,
        pip_requirements=[],
    )
