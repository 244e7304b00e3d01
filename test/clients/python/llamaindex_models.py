"""LlamaIndex's models, each set up as docs/clients.md has it; the argument says which."""

import sys

from conformance import TEXTS, URL, WEATHER, run, same, scenario, weather_in
from llama_index.core.llms import ChatMessage, MessageRole
from llama_index.core.tools import FunctionTool


def openai_model(setting):
    from llama_index.llms.openai_like import OpenAILike

    return OpenAILike(
        model=setting.model,
        api_base=f"{URL}/v1",
        api_key="unused",
        is_chat_model=True,
        is_function_calling_model=True,
        context_window=128_000,
        temperature=1,
    )


def gemini_model(setting):
    from google.genai import types
    from llama_index.llms.google_genai import GoogleGenAI

    options = types.HttpOptions(base_url=f"{URL}/gemini")
    return GoogleGenAI(model=setting.model, api_key="unused", http_options=options)


MODELS = {"openai": openai_model, "gemini": gemini_model}
model_of = MODELS[sys.argv[1]]


def get_weather(city: str) -> str:
    """The weather in a city, now."""
    return weather_in(city)


TOOL = FunctionTool.from_defaults(get_weather, name=WEATHER["name"])


def conversation():
    return [
        ChatMessage(role=MessageRole.SYSTEM, content=TEXTS["system"]),
        ChatMessage(role=MessageRole.USER, content=TEXTS["prompt"]),
    ]


@scenario("chat")
def chat(setting):
    same(model_of(setting).chat(conversation()).message.content, setting.answer)


@scenario("stream")
def stream(setting):
    pieces = [piece.delta or "" for piece in model_of(setting).stream_chat(conversation())]
    same("".join(pieces), setting.answer)


def two_turns(setting, prompt, ask):
    model = model_of(setting)
    history = [ChatMessage(role=MessageRole.USER, content=prompt)]
    answer = ask(model, history)
    history.append(answer.message)
    for call in model.get_tool_calls_from_response(answer):
        result = weather_in(call.tool_kwargs["city"])
        more = {"tool_call_id": call.tool_id, "name": call.tool_name}
        history.append(ChatMessage(role=MessageRole.TOOL, content=result, additional_kwargs=more))
    return ask(model, history).message.content


@scenario("tools")
def tools(setting):
    def ask(model, history):
        return model.chat_with_tools([TOOL], chat_history=history)

    same(two_turns(setting, TEXTS["toolPrompt"], ask), "Results: 21 °C.")


@scenario("tool stream")
def tool_stream(setting):
    def ask(model, history):
        *_, last = model.stream_chat_with_tools([TOOL], chat_history=history)
        return last

    same(two_turns(setting, TEXTS["toolPrompt"], ask), "Results: 21 °C.")


@scenario("embeddings")
def embeddings(setting):
    from llama_index.embeddings.openai_like import OpenAILikeEmbedding

    model = OpenAILikeEmbedding(model_name=setting.embeddings, api_base=f"{URL}/v1", api_key="unused")
    same(model.get_text_embedding("sluice"), [0.25, -0.5, 6.5])
    same(model.get_text_embedding_batch(["a", "lock"]), [[0.25, -0.5, 1.5], [0.25, -0.5, 4.5]])


if __name__ == "__main__":
    run()
