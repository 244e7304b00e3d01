"""OpenAI's client, by its chat API."""

import json

import openai
from conformance import (
    REPORT,
    TEXTS,
    URL,
    WEATHER,
    fails,
    holds,
    new_key,
    run,
    same,
    scenario,
    weather_in,
)

client = openai.OpenAI(base_url=f"{URL}/v1", api_key="any", max_retries=0, timeout=20)
TOOLS = [{"type": "function", "function": WEATHER}]


def user(content):
    return [{"role": "user", "content": content}]


def conversation(setting):
    system = [{"role": "system", "content": TEXTS["system"]}] if setting.takes_instructions else []
    return [*system, *user(TEXTS["prompt"])]


def check_answer(setting, answer):
    same(answer.choices[0].message.content, setting.answer)
    same(answer.choices[0].finish_reason, "stop")
    if setting.has_usage:
        same((answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens), (20, 9, 29))
        same(answer.usage.prompt_tokens_details.cached_tokens, 6)


@scenario("chat")
def chat(setting):
    answer = client.chat.completions.create(model=setting.model, messages=conversation(setting), temperature=1)
    check_answer(setting, answer)


@scenario("stream")
def stream(setting):
    with client.chat.completions.stream(
        model=setting.model, messages=conversation(setting), stream_options={"include_usage": True}
    ) as streamed:
        answer = streamed.get_final_completion()
    check_answer(setting, answer)


def two_turns(setting, prompt, first):
    messages = user(prompt)
    choice = first(messages).choices[0]
    same(choice.finish_reason, "tool_calls")
    messages.append(choice.message)
    for call in choice.message.tool_calls:
        city = json.loads(call.function.arguments)["city"]
        messages.append({"role": "tool", "tool_call_id": call.id, "content": weather_in(city)})
    answer = client.chat.completions.create(model=setting.model, messages=messages, tools=TOOLS)
    return answer.choices[0].message.content


def with_tools(setting):
    return lambda messages: client.chat.completions.create(model=setting.model, messages=messages, tools=TOOLS)


@scenario("tools")
def tools(setting):
    same(two_turns(setting, TEXTS["toolPrompt"], with_tools(setting)), "Results: 21 °C.")


@scenario("tool stream")
def tool_stream(setting):
    def first(messages):
        with client.chat.completions.stream(model=setting.model, messages=messages, tools=TOOLS) as streamed:
            return streamed.get_final_completion()

    same(two_turns(setting, TEXTS["bothPrompt"], first), "Results: 21 °C | 25 °C.")


@scenario("parallel tools")
def parallel_tools(setting):
    same(two_turns(setting, TEXTS["bothPrompt"], with_tools(setting)), "Results: 21 °C | 25 °C.")


@scenario("JSON schema")
def json_schema(setting):
    schema = {"type": "json_schema", "json_schema": {"name": "report", "schema": REPORT, "strict": True}}
    answer = client.chat.completions.create(
        model=setting.model, messages=user(TEXTS["toolPrompt"]), response_format=schema
    )
    same(json.loads(answer.choices[0].message.content), TEXTS["reportAnswer"])


@scenario("image")
def image(setting):
    content = [
        {"type": "text", "text": "What do you see?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{TEXTS['png']}"}},
    ]
    answer = client.chat.completions.create(model=setting.model, messages=user(content))
    same(answer.choices[0].message.content, TEXTS["seen"])


@scenario("reasoning")
def reasoning(setting):
    """The fields are not OpenAI's own, but the client keeps what an answer has."""

    def ask(messages):
        return client.chat.completions.create(
            model=setting.model, messages=messages, tools=TOOLS, reasoning_effort="high", max_completion_tokens=30_000
        )

    messages = user(TEXTS["toolPrompt"])
    message = ask(messages).choices[0].message
    same(message.reasoning_content, TEXTS["thought"])
    result = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "21 °C"}
    same(ask([*messages, message, result]).choices[0].message.content, "Results: 21 °C. Reasoning kept.")


@scenario("embeddings")
def embeddings(setting):
    one = client.embeddings.create(model=setting.embeddings, input="sluice")
    same(one.data[0].embedding, [0.25, -0.5, 6.5])
    two = client.embeddings.create(model=setting.embeddings, input=["a", "lock"])
    same([item.embedding for item in two.data], [[0.25, -0.5, 1.5], [0.25, -0.5, 4.5]])


@scenario("models")
def models(setting):
    holds(setting.model in [model.id for model in client.models.list()], "not listed")
    same(client.models.retrieve(setting.model).id, setting.model)


CLASSES = {
    400: openai.BadRequestError,
    401: openai.AuthenticationError,
    403: openai.PermissionDeniedError,
    404: openai.NotFoundError,
    429: openai.RateLimitError,
}


def check_error(error, status, said="was told to fail"):
    holds(isinstance(error, CLASSES.get(status, openai.InternalServerError)), f"{status} raised {error!r}")
    same(error.status_code, status)
    holds(said in error.message, error.message)
    if status == 429:
        same(error.response.headers["retry-after"], "7")


@scenario("errors")
def errors(setting):
    def ask(prompt, model=setting.model):
        return client.chat.completions.create(model=model, messages=user(prompt))

    for prompt, status in setting.failures():
        check_error(fails(lambda prompt=prompt: ask(prompt)), status)
    check_error(fails(lambda: ask("Hello", "no-such-endpoint")), 404, "no-such-endpoint")


@scenario("broken stream")
def broken_stream(setting):
    def read():
        return list(client.chat.completions.create(model=setting.model, messages=user("Please break off."), stream=True))

    holds(isinstance(fails(read), openai.APIError), "another error")


@scenario("cancellation")
def cancellation(setting):
    key = new_key()
    prompt = user(f"slow {key}")
    if not setting.streams:
        error = fails(lambda: client.chat.completions.create(model=setting.model, messages=prompt, timeout=0.3))
        holds(isinstance(error, openai.APITimeoutError), repr(error))
        return setting.check_gone(key)
    with client.chat.completions.create(model=setting.model, messages=prompt, stream=True) as streamed:
        for chunk in streamed:
            if chunk.choices and chunk.choices[0].delta.content:
                break
    setting.check_gone(key)


if __name__ == "__main__":
    run()
