"""Answers every text with a vector of three numbers made from it."""

import mlflow


class EmbeddingModel(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return [[len(text) / 8, text.count("e") / 4, -0.5] for text in model_input.iloc[:, 0]]


mlflow.models.set_model(EmbeddingModel())
