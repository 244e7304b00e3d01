"""OpenAI's client, by its Responses API. Upstreams that keep no state are the rule, so the client keeps it."""

import json

import openai
from conformance import REPORT, TEXTS, WEATHER, fails, holds, new_key, run, same, scenario, weather_in
from openai_chat import check_error, client

TOOLS = [{"type": "function", "strict": True, **WEATHER}]


def create(setting, given, **more):
    return client.responses.create(model=setting.model, input=given, store=False, **more)


def instructions(setting):
    return {"instructions": TEXTS["system"]} if setting.takes_instructions else {}


def check_answer(setting, answer):
    same(answer.output_text, setting.answer)
    same(answer.status, "completed")
    if setting.has_usage:
        same((answer.usage.input_tokens, answer.usage.output_tokens, answer.usage.total_tokens), (20, 9, 29))
        same(answer.usage.input_tokens_details.cached_tokens, 6)


@scenario("chat")
def chat(setting):
    check_answer(setting, create(setting, TEXTS["prompt"], temperature=0.5, **instructions(setting)))


@scenario("stream")
def stream(setting):
    request = {"model": setting.model, "input": TEXTS["prompt"], "store": False, **instructions(setting)}
    with client.responses.stream(**request) as streamed:
        deltas = [event.delta for event in streamed if event.type == "response.output_text.delta"]
        answer = streamed.get_final_response()
    check_answer(setting, answer)
    same("".join(deltas), setting.answer)


def two_turns(setting, prompt, first, **more):
    given = [{"role": "user", "content": prompt}]
    answer = first(given)
    given += answer.output
    for item in answer.output:
        if item.type == "function_call":
            output = weather_in(json.loads(item.arguments)["city"])
            given.append({"type": "function_call_output", "call_id": item.call_id, "output": output})
    return create(setting, given, tools=TOOLS, **more).output_text


@scenario("tools")
def tools(setting):
    answer = two_turns(setting, TEXTS["toolPrompt"], lambda given: create(setting, given, tools=TOOLS))
    same(answer, "Results: 21 °C.")


@scenario("tool stream")
def tool_stream(setting):
    def first(given):
        with client.responses.stream(model=setting.model, input=given, tools=TOOLS, store=False) as streamed:
            return streamed.get_final_response()

    same(two_turns(setting, TEXTS["bothPrompt"], first), "Results: 21 °C | 25 °C.")


@scenario("parallel tools")
def parallel_tools(setting):
    answer = two_turns(setting, TEXTS["bothPrompt"], lambda given: create(setting, given, tools=TOOLS))
    same(answer, "Results: 21 °C | 25 °C.")


@scenario("JSON schema")
def json_schema(setting):
    form = {"type": "json_schema", "name": "report", "schema": REPORT, "strict": True}
    answer = create(setting, TEXTS["toolPrompt"], text={"format": form})
    same(json.loads(answer.output_text), TEXTS["reportAnswer"])


@scenario("image")
def image(setting):
    content = [
        {"type": "input_text", "text": "What do you see?"},
        {"type": "input_image", "image_url": f"data:image/png;base64,{TEXTS['png']}", "detail": "auto"},
    ]
    same(create(setting, [{"role": "user", "content": content}]).output_text, TEXTS["seen"])


@scenario("reasoning")
def reasoning(setting):
    more = {
        "reasoning": {"effort": "high", "summary": "auto"},
        "include": ["reasoning.encrypted_content"],
        "max_output_tokens": 30_000,
    }

    def thinking(given):
        answer = create(setting, given, tools=TOOLS, **more)
        thoughts = [part.text for item in answer.output if item.type == "reasoning" for part in item.summary]
        same("".join(thoughts), TEXTS["thought"])
        return answer

    same(two_turns(setting, TEXTS["toolPrompt"], thinking, **more), "Results: 21 °C. Reasoning kept.")


@scenario("token count")
def token_count(setting):
    counted = client.responses.input_tokens.count(model=setting.model, input=TEXTS["prompt"], tools=TOOLS)
    setting.check_count(counted.input_tokens)


@scenario("errors")
def errors(setting):
    for prompt, status in setting.failures():
        check_error(fails(lambda prompt=prompt: create(setting, prompt)), status)
    lost = fails(lambda: client.responses.create(model="no-such-endpoint", input="Hello"))
    check_error(lost, 404, "no-such-endpoint")


@scenario("broken stream")
def broken_stream(setting):
    error = fails(lambda: list(create(setting, "Please break off.", stream=True)))
    holds(isinstance(error, openai.APIError), repr(error))


@scenario("cancellation")
def cancellation(setting):
    key = new_key()
    if not setting.streams:
        error = fails(lambda: create(setting, f"slow {key}", timeout=0.3))
        holds(isinstance(error, openai.APITimeoutError), repr(error))
        return setting.check_gone(key)
    with create(setting, f"slow {key}", stream=True) as streamed:
        for event in streamed:
            if event.type == "response.output_text.delta":
                break
    setting.check_gone(key)


if __name__ == "__main__":
    run()
