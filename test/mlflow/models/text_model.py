"""Answers every text with a text that shows both the input and the parameters that arrived."""

import mlflow


class TextModel(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        arrived = params or {}
        return [f"{text} (n={arrived.get('n')}, temperature={arrived.get('temperature')})" for text in model_input.iloc[:, 0]]


mlflow.models.set_model(TextModel())
