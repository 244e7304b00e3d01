"""Anthropic's client."""

import json

import anthropic
from conformance import REPORT, TEXTS, URL, WEATHER, fails, holds, new_key, run, same, scenario, weather_in

client = anthropic.Anthropic(base_url=f"{URL}/anthropic", api_key="any", max_retries=0, timeout=20)
TOOLS = [
    {"name": WEATHER["name"], "description": WEATHER["description"], "input_schema": WEATHER["parameters"]},
]


def user(content):
    return [{"role": "user", "content": content}]


def create(setting, messages, **more):
    return client.messages.create(**{"model": setting.model, "max_tokens": 500, "messages": messages, **more})


def system(setting):
    return {"system": TEXTS["system"]} if setting.takes_instructions else {}


def text_of(answer):
    return "".join(block.text for block in answer.content if block.type == "text")


def check_answer(setting, answer):
    same(text_of(answer), setting.answer)
    same(answer.stop_reason, "end_turn")
    if setting.has_usage:
        usage = answer.usage
        same((usage.input_tokens, usage.cache_read_input_tokens, usage.output_tokens), (14, 6, 9))


@scenario("chat")
def chat(setting):
    check_answer(setting, create(setting, user(TEXTS["prompt"]), **system(setting)))


@scenario("stream")
def stream(setting):
    request = {"model": setting.model, "max_tokens": 500, "messages": user(TEXTS["prompt"]), **system(setting)}
    with client.messages.stream(**request) as streamed:
        same("".join(streamed.text_stream), setting.answer)
        check_answer(setting, streamed.get_final_message())


def two_turns(setting, prompt, first, **more):
    answer = first(user(prompt))
    same(answer.stop_reason, "tool_use")
    results = [
        {"type": "tool_result", "tool_use_id": block.id, "content": weather_in(block.input["city"])}
        for block in answer.content
        if block.type == "tool_use"
    ]
    turns = [*user(prompt), {"role": "assistant", "content": answer.content}, *user(results)]
    return text_of(create(setting, turns, tools=TOOLS, **more))


@scenario("tools")
def tools(setting):
    answer = two_turns(setting, TEXTS["toolPrompt"], lambda messages: create(setting, messages, tools=TOOLS))
    same(answer, "Results: 21 °C.")


@scenario("tool stream")
def tool_stream(setting):
    def first(messages):
        request = {"model": setting.model, "max_tokens": 500, "messages": messages, "tools": TOOLS}
        with client.messages.stream(**request) as streamed:
            return streamed.get_final_message()

    same(two_turns(setting, TEXTS["bothPrompt"], first), "Results: 21 °C | 25 °C.")


@scenario("parallel tools")
def parallel_tools(setting):
    answer = two_turns(setting, TEXTS["bothPrompt"], lambda messages: create(setting, messages, tools=TOOLS))
    same(answer, "Results: 21 °C | 25 °C.")


@scenario("JSON schema")
def json_schema(setting):
    form = {"format": {"type": "json_schema", "schema": REPORT}}
    answer = create(setting, user(TEXTS["toolPrompt"]), output_config=form)
    same(json.loads(text_of(answer)), TEXTS["reportAnswer"])


@scenario("image")
def image(setting):
    source = {"type": "base64", "media_type": "image/png", "data": TEXTS["png"]}
    content = [{"type": "image", "source": source}, {"type": "text", "text": "What do you see?"}]
    same(text_of(create(setting, user(content))), TEXTS["seen"])


@scenario("reasoning")
def reasoning(setting):
    more = {"thinking": {"type": "enabled", "budget_tokens": 4096}, "max_tokens": 20_000}

    def thinking(messages):
        request = {"model": setting.model, "messages": messages, "tools": TOOLS, **more}
        with client.messages.stream(**request) as streamed:
            answer = streamed.get_final_message()
        thoughts = [block.thinking for block in answer.content if block.type == "thinking"]
        same("".join(thoughts), TEXTS["thought"])
        return answer

    same(two_turns(setting, TEXTS["toolPrompt"], thinking, **more), "Results: 21 °C. Reasoning kept.")


@scenario("token count")
def token_count(setting):
    counted = client.messages.count_tokens(model=setting.model, messages=user(TEXTS["prompt"]), tools=TOOLS)
    setting.check_count(counted.input_tokens)


@scenario("models")
def models(setting):
    holds(setting.model in [model.id for model in client.models.list()], "not listed")
    same(client.models.retrieve(setting.model).id, setting.model)


CLASSES = {
    400: anthropic.BadRequestError,
    401: anthropic.AuthenticationError,
    403: anthropic.PermissionDeniedError,
    404: anthropic.NotFoundError,
    429: anthropic.RateLimitError,
}
TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
    500: "api_error",
    529: "overloaded_error",
}


def check_error(error, status, said="was told to fail"):
    holds(isinstance(error, CLASSES.get(status, anthropic.InternalServerError)), f"{status} raised {error!r}")
    same(error.status_code, status)
    holds(said in error.message, error.message)
    if status in TYPES:
        same(error.body["error"]["type"], TYPES[status])
    if status == 429:
        same(error.response.headers["retry-after"], "7")


@scenario("errors")
def errors(setting):
    for prompt, status in setting.failures():
        check_error(fails(lambda prompt=prompt: create(setting, user(prompt))), status)
    lost = fails(lambda: client.messages.create(model="no-such-endpoint", max_tokens=9, messages=user("Hello")))
    check_error(lost, 404, "no-such-endpoint")


@scenario("broken stream")
def broken_stream(setting):
    error = fails(lambda: list(create(setting, user("Please break off."), stream=True)))
    holds(isinstance(error, anthropic.APIError), repr(error))


@scenario("cancellation")
def cancellation(setting):
    key = new_key()
    if not setting.streams:
        error = fails(lambda: create(setting, user(f"slow {key}"), timeout=0.3))
        holds(isinstance(error, anthropic.APITimeoutError), repr(error))
        return setting.check_gone(key)
    with create(setting, user(f"slow {key}"), stream=True) as streamed:
        for event in streamed:
            if event.type == "content_block_delta":
                break
    setting.check_gone(key)


if __name__ == "__main__":
    run()
