"""Drives a gateway with MLflow's own deployments client."""

from checks import TARGET, check, run
from mlflow.deployments import get_deploy_client

client = get_deploy_client(TARGET)
QUESTION = [{"role": "user", "content": "What is a sluice?"}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a place",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def described(endpoint):
    return endpoint.model_dump() if hasattr(endpoint, "model_dump") else endpoint.dict()


def predict(endpoint, **inputs):
    return client.predict(endpoint=endpoint, inputs=inputs)


@check("list endpoints")
def _():
    return [described(endpoint) for endpoint in client.list_endpoints()]


@check("get an endpoint")
def _():
    return described(client.get_endpoint("chat"))


@check("get an endpoint with a limit")
def _():
    return described(client.get_endpoint("limited"))


@check("get an unknown endpoint", raises=404)
def _():
    return described(client.get_endpoint("nowhere"))


@check("get a traffic route as an endpoint", raises=404)
def _():
    return described(client.get_endpoint("only-first"))


@check("chat")
def _():
    return predict("chat", messages=QUESTION)


@check("chat with settings")
def _():
    return predict("chat", messages=QUESTION, temperature=0.2, max_tokens=50, n=2, stop=["\n"], seed=7)


@check("chat with a tool")
def _():
    return predict("chat", messages=QUESTION, tools=[WEATHER], tool_choice="auto")


@check("what the provider is sent for a chat")
def _():
    return predict("echo", messages=QUESTION, temperature=0.2, top_p=0.9, user="ada", seed=7)


@check("what the provider is sent for a nested tool")
def _():
    place = {"type": "object", "properties": {"city": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}
    tool = {"name": "weather", "parameters": {"type": "object", "properties": {"place": place}}}
    return predict("echo", messages=QUESTION, tools=[{"type": "function", "function": tool}])


@check("what the provider is sent for extra message fields")
def _():
    return predict("echo", messages=[{"role": "user", "content": "Hi", "name": "ada"}])


@check("a stop string in place of a list")
def _():
    return predict("chat", messages=QUESTION, stop="\n")


@check("completions")
def _():
    return predict("completions", prompt="A sluice is", max_tokens=16)


@check("embeddings of one text")
def _():
    return predict("embeddings", input="sluice")


@check("embeddings of several texts")
def _():
    return predict("embeddings", input=["sluice", "gate"])


@check("chat with a served model")
def _():
    return predict("served-chat", messages=QUESTION, temperature=0.5)


@check("chat of two messages with a served model", raises=422)
def _():
    return predict("served-chat", messages=QUESTION + QUESTION)


@check("completions with a served model")
def _():
    return predict("served-completions", prompt="A sluice is")


@check("embeddings with a served model")
def _():
    return predict("served-embeddings", input=["sluice", "gate"])


@check("a traffic route with one way")
def _():
    return predict("only-first", messages=QUESTION)


@check("a traffic route with two ways takes both")
def _():
    return sorted({predict("half-and-half", messages=QUESTION)["model"] for _ in range(40)})


@check("an unknown endpoint", raises=404)
def _():
    return predict("nowhere", messages=QUESTION)


@check("a body without messages", raises=422)
def _():
    return predict("chat", temperature=0.1)


@check("an empty list of messages", raises=422)
def _():
    return predict("chat", messages=[])


@check("a temperature out of range", raises=422)
def _():
    return predict("chat", messages=QUESTION, temperature=3)


@check("a max_tokens of the wrong type", raises=422)
def _():
    return predict("chat", messages=QUESTION, max_tokens="many")


@check("a model in the body", raises=422)
def _():
    return predict("chat", messages=QUESTION, model="another")


@check("a prompt of the wrong type", raises=422)
def _():
    return predict("completions", prompt=["A sluice is"])


@check("a missing input", raises=422)
def _():
    return predict("embeddings")


for status in (400, 401, 429, 500, 503):

    @check(f"the provider answers {status}", raises=status)
    def _(status=status):
        return predict(f"error-{status}", messages=QUESTION)


@check("the provider answers an error without a message", raises=400)
def _():
    return predict("error-bare", messages=QUESTION)


@check("the provider answers an error as text", raises=500)
def _():
    return predict("error-text", messages=QUESTION)


@check("the provider answers HTML", raises=502)
def _():
    return predict("error-html", messages=QUESTION)


@check("the first call below the limit")
def _():
    return predict("limited", messages=QUESTION)


@check("a rejected body does not count against the limit", raises=422)
def _():
    return predict("limited", messages=[])


@check("the second call below the limit")
def _():
    return predict("limited", messages=QUESTION)


@check("the call above the limit", raises=429)
def _():
    return predict("limited", messages=QUESTION)


@check("an endpoint cannot be made over the API")
def _():
    try:
        client.create_endpoint("new")
    except NotImplementedError as error:
        return type(error).__name__


# The last one: MLflow closes the connection after such an answer, and its client would meet the closed one next.
@check("the provider cannot be reached")
def _():
    return predict("unreachable", messages=QUESTION)


run()
