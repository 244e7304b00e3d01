"""Google's client."""

import asyncio
import json

from conformance import REPORT, TEXTS, URL, WEATHER, fails, holds, new_key, run, same, scenario, weather_in
from google import genai
from google.genai import errors as genai_errors
from google.genai import types

client = genai.Client(api_key="any", http_options=types.HttpOptions(base_url=f"{URL}/gemini", timeout=20_000))
TOOLS = [
    types.Tool(
        function_declarations=[
            types.FunctionDeclaration(
                name=WEATHER["name"],
                description=WEATHER["description"],
                parameters_json_schema=WEATHER["parameters"],
            )
        ]
    )
]


def config(**fields):
    off = types.AutomaticFunctionCallingConfig(disable=True)
    return types.GenerateContentConfig(automatic_function_calling=off, **fields)


def generate(setting, contents, **fields):
    return client.models.generate_content(model=setting.model, contents=contents, config=config(**fields))


def stream_of(setting, contents, **fields):
    return client.models.generate_content_stream(model=setting.model, contents=contents, config=config(**fields))


def system(setting):
    return {"system_instruction": TEXTS["system"]} if setting.takes_instructions else {}


def check_end(setting, answer):
    same(answer.candidates[0].finish_reason, types.FinishReason.STOP)
    if setting.has_usage:
        usage = answer.usage_metadata
        given = usage.candidates_token_count + (usage.thoughts_token_count or 0)
        same((usage.prompt_token_count, given, usage.total_token_count), (20, 9, 29))
        same(usage.cached_content_token_count, 6)


@scenario("chat")
def chat(setting):
    answer = generate(setting, TEXTS["prompt"], temperature=0.5, **system(setting))
    same(answer.text, setting.answer)
    check_end(setting, answer)


@scenario("stream")
def stream(setting):
    chunks = list(stream_of(setting, TEXTS["prompt"], **system(setting)))
    same("".join(chunk.text or "" for chunk in chunks), setting.answer)
    check_end(setting, chunks[-1])


def two_turns(setting, prompt, first, **fields):
    question = types.Content(role="user", parts=[types.Part(text=prompt)])
    parts = [part for answer in first(question) for part in answer.candidates[0].content.parts or []]
    results = [
        types.Part(
            function_response=types.FunctionResponse(
                id=part.function_call.id,
                name=part.function_call.name,
                response={"output": weather_in(part.function_call.args["city"])},
            )
        )
        for part in parts
        if part.function_call
    ]
    turns = [question, types.Content(role="model", parts=parts), types.Content(role="user", parts=results)]
    return generate(setting, turns, tools=TOOLS, **fields).text


@scenario("tools")
def tools(setting):
    answer = two_turns(setting, TEXTS["toolPrompt"], lambda question: [generate(setting, question, tools=TOOLS)])
    same(answer, "Results: 21 °C.")


@scenario("tool stream")
def tool_stream(setting):
    answer = two_turns(setting, TEXTS["bothPrompt"], lambda question: stream_of(setting, question, tools=TOOLS))
    same(answer, "Results: 21 °C | 25 °C.")


@scenario("parallel tools")
def parallel_tools(setting):
    answer = two_turns(setting, TEXTS["bothPrompt"], lambda question: [generate(setting, question, tools=TOOLS)])
    same(answer, "Results: 21 °C | 25 °C.")


@scenario("JSON schema")
def json_schema(setting):
    form = {"response_mime_type": "application/json", "response_json_schema": REPORT}
    same(json.loads(generate(setting, TEXTS["toolPrompt"], **form).text), TEXTS["reportAnswer"])


@scenario("image")
def image(setting):
    blob = types.Blob(mime_type="image/png", data=TEXTS["png"])
    same(generate(setting, ["What do you see?", types.Part(inline_data=blob)]).text, TEXTS["seen"])


@scenario("reasoning")
def reasoning(setting):
    thinks = types.ThinkingConfig(include_thoughts=True, thinking_budget=4096)
    more = {"thinking_config": thinks, "max_output_tokens": 30_000}

    def thinking(question):
        answer = generate(setting, question, tools=TOOLS, **more)
        same("".join(part.text for part in answer.candidates[0].content.parts if part.thought), TEXTS["thought"])
        return [answer]

    same(two_turns(setting, TEXTS["toolPrompt"], thinking, **more), "Results: 21 °C. Reasoning kept.")


@scenario("embeddings")
def embeddings(setting):
    one = client.models.embed_content(model=setting.embeddings, contents="sluice")
    same(one.embeddings[0].values, [0.25, -0.5, 6.5])
    two = client.models.embed_content(model=setting.embeddings, contents=["a", "lock"])
    same([item.values for item in two.embeddings], [[0.25, -0.5, 1.5], [0.25, -0.5, 4.5]])


@scenario("token count")
def token_count(setting):
    setting.check_count(client.models.count_tokens(model=setting.model, contents=TEXTS["prompt"]).total_tokens)


@scenario("models")
def models(setting):
    name = f"models/{setting.model}"
    holds(name in [model.name for model in client.models.list()], "not listed")
    same(client.models.get(model=setting.model).name, name)


NAMES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    529: "UNAVAILABLE",
}


def check_error(error, status, said="was told to fail"):
    kind = genai_errors.ClientError if status < 500 else genai_errors.ServerError
    holds(isinstance(error, kind), f"{status} raised {error!r}")
    same((error.code, error.status), (status, NAMES[status]))
    holds(said in error.message, error.message)


@scenario("errors")
def errors(setting):
    for prompt, status in setting.failures():
        check_error(fails(lambda prompt=prompt: generate(setting, prompt)), status)
    lost = fails(lambda: client.models.generate_content(model="no-such-endpoint", contents="Hello"))
    check_error(lost, 404, "no-such-endpoint")


@scenario("broken stream")
def broken_stream(setting):
    error = fails(lambda: list(stream_of(setting, "Please break off.")))
    holds(isinstance(error, genai_errors.APIError), repr(error))


@scenario("cancellation")
def cancellation(setting):
    """The client has no call to end a stream; its asynchronous half ends what its task was doing."""
    key = new_key()
    asyncio.run(leave(setting, f"slow {key}"))
    setting.check_gone(key)


async def leave(setting, prompt):
    options = types.HttpOptions(base_url=f"{URL}/gemini", timeout=20_000)
    models = genai.Client(api_key="any", http_options=options).aio.models
    if setting.streams:
        asking = asyncio.create_task(read(models, setting, prompt))
        await asyncio.sleep(0.3)
    else:
        asking = asyncio.create_task(models.generate_content(model=setting.model, contents=prompt))
        await asyncio.sleep(0.3)
    asking.cancel()
    try:
        await asking
    except asyncio.CancelledError:
        return
    raise AssertionError("the answer came in spite of all")


async def read(models, setting, prompt):
    async for _ in await models.generate_content_stream(model=setting.model, contents=prompt):
        pass


if __name__ == "__main__":
    run()
