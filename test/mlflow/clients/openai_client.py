"""Drives a gateway with the official OpenAI client."""

import openai
from checks import TARGET, check, run



def connect():
    return openai.OpenAI(base_url=f"{TARGET}/v1", api_key="any", max_retries=0, timeout=30)


client = connect()
QUESTION = [{"role": "user", "content": "What is a sluice?"}]
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }
]


def chat(model="chat", **settings):
    return client.chat.completions.create(model=model, messages=settings.pop("messages", QUESTION), **settings)


def assembled(stream):
    """What an application makes of a stream of chat chunks."""
    text, calls, finish, usage, models = "", {}, None, None, set()
    for chunk in stream:
        models.add(chunk.model)
        usage = chunk.usage.model_dump() if chunk.usage else usage
        for choice in chunk.choices:
            text += choice.delta.content or ""
            finish = choice.finish_reason or finish
            for part in choice.delta.tool_calls or []:
                call = calls.setdefault(str(part.index), {"id": None, "name": "", "arguments": ""})
                call["id"] = part.id or call["id"]
                call["name"] += part.function.name or ""
                call["arguments"] += part.function.arguments or ""
    return {"text": text, "calls": calls, "finish": finish, "usage": usage, "models": sorted(models)}


@check("chat")
def _():
    return chat(temperature=0.2).model_dump()


@check("chat through a traffic route")
def _():
    return chat("only-first").model_dump()


@check("chat with a served model")
def _():
    return chat("served-chat").model_dump()


@check("chat with a tool")
def _():
    return chat(tools=TOOLS).model_dump()


@check("chat with the answer of a tool")
def _():
    call = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Delft"}'}}
    asked = {"role": "assistant", "content": None, "tool_calls": [call]}
    answered = {"role": "tool", "tool_call_id": "call_1", "content": "rain"}
    return chat("echo", messages=[*QUESTION, asked, answered], tools=TOOLS).model_dump()


@check("chat with an image")
def _():
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": "low"}}
    return chat("echo", messages=[{"role": "user", "content": [{"type": "text", "text": "See"}, picture]}]).model_dump()


@check("chat with a JSON schema")
def _():
    schema = {"name": "place", "strict": True, "schema": {"type": "object", "properties": {"city": {"type": "string"}}}}
    return chat("echo", response_format={"type": "json_schema", "json_schema": schema}).model_dump()


@check("a stream")
def _():
    return assembled(chat(stream=True))


@check("a stream with usage asked for")
def _():
    return assembled(chat(stream=True, stream_options={"include_usage": True}))


@check("a stream without usage")
def _():
    return assembled(chat(stream=True, stream_options={"include_usage": False}))


@check("a stream with a tool")
def _():
    return assembled(chat(stream=True, tools=TOOLS))


@check("a stream through a traffic route")
def _():
    return assembled(chat("only-first", stream=True))


@check("completions")
def _():
    return client.completions.create(model="completions", prompt="A sluice is", max_tokens=16).model_dump()


@check("a stream of completions")
def _():
    return "".join(
        choice.text
        for chunk in client.completions.create(model="completions", prompt="A sluice is", stream=True)
        for choice in chunk.choices
    )


@check("embeddings")
def _():
    return client.embeddings.create(model="embeddings", input=["sluice", "gate"]).model_dump()


@check("embeddings as numbers")
def _():
    return client.embeddings.create(model="embeddings", input="sluice", encoding_format="float").model_dump()


@check("embeddings of tokens")
def _():
    return client.embeddings.create(model="embeddings", input=[1, 2, 3], encoding_format="float").model_dump()


@check("embeddings with a served model")
def _():
    return client.embeddings.create(model="served-embeddings", input="sluice", encoding_format="float").model_dump()


@check("models")
def _():
    return sorted(model.id for model in client.models.list())


@check("an unknown model")
def _():
    # MLflow's server ends the connection behind its bare 500: whoever uses it next may find it closed.
    with connect() as own:
        return own.chat.completions.create(model="nowhere", messages=QUESTION).model_dump()


@check("a model of another type", raises=400)
def _():
    return chat("embeddings").model_dump()


@check("an embedding of a chat model", raises=400)
def _():
    return client.embeddings.create(model="chat", input="sluice", encoding_format="float").model_dump()


@check("an empty list of messages", raises=422)
def _():
    return chat(messages=[]).model_dump()


@check("a temperature out of range", raises=422)
def _():
    return chat(temperature=3).model_dump()


for status in (401, 429, 500):

    @check(f"the provider answers {status}", raises=status)
    def _(status=status):
        return chat(f"error-{status}").model_dump()


@check("a stream that the provider refuses")
def _():
    return assembled(chat("error-401", stream=True))


@check("a stream that breaks off")
def _():
    return assembled(chat("broken-stream", stream=True))


@check("a limit that is used up")
def _():
    return [chat("limited-here").model for _ in range(2)]


run()
