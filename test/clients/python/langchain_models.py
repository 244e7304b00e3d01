"""LangChain's chat models, each set up as docs/clients.md has it; the argument says which."""

import sys

from conformance import TEXTS, URL, WEATHER, run, same, scenario, weather_in
from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import StructuredTool


def openai_model(setting):
    from langchain_openai import ChatOpenAI

    return ChatOpenAI(model=setting.model, base_url=f"{URL}/v1", api_key="unused")


def openai_responses_model(setting):
    from langchain_openai import ChatOpenAI

    return ChatOpenAI(
        model=setting.model, base_url=f"{URL}/v1", api_key="unused", use_responses_api=True, store=False
    )


def anthropic_model(setting):
    from langchain_anthropic import ChatAnthropic

    return ChatAnthropic(model=setting.model, base_url=f"{URL}/anthropic", api_key="unused")


def gemini_model(setting):
    from langchain_google_genai import ChatGoogleGenerativeAI

    return ChatGoogleGenerativeAI(model=setting.model, base_url=f"{URL}/gemini", api_key="unused")


MODELS = {
    "openai": openai_model,
    "openai-responses": openai_responses_model,
    "anthropic": anthropic_model,
    "gemini": gemini_model,
}
model_of = MODELS[sys.argv[1]]
TOOL = StructuredTool.from_function(
    weather_in, name=WEATHER["name"], description=WEATHER["description"], args_schema=WEATHER["parameters"]
)


def text_of(message):
    """Of the last chunk of a stream the content may be a list, even where the others had a text."""
    return message.text if isinstance(message.text, str) else message.text()


def conversation():
    return [SystemMessage(TEXTS["system"]), HumanMessage(TEXTS["prompt"])]


@scenario("chat")
def chat(setting):
    answer = model_of(setting).invoke(conversation())
    same(text_of(answer), setting.answer)
    same((answer.usage_metadata["input_tokens"], answer.usage_metadata["output_tokens"]), (20, 9))


def whole(chunks):
    first, *others = chunks
    for chunk in others:
        first += chunk
    return first


@scenario("stream")
def stream(setting):
    answer = whole(model_of(setting).stream(conversation()))
    same(text_of(answer), setting.answer)


def two_turns(setting, prompt, ask):
    model = model_of(setting).bind_tools([TOOL])
    messages = [HumanMessage(prompt)]
    message = ask(model, messages)
    messages.append(message)
    for call in message.tool_calls:
        messages.append(ToolMessage(weather_in(call["args"]["city"]), tool_call_id=call["id"], name=call["name"]))
    return text_of(ask(model, messages))


@scenario("tools")
def tools(setting):
    same(two_turns(setting, TEXTS["toolPrompt"], lambda model, messages: model.invoke(messages)), "Results: 21 °C.")


@scenario("tool stream")
def tool_stream(setting):
    def ask(model, messages):
        return whole(model.stream(messages))

    same(two_turns(setting, TEXTS["toolPrompt"], ask), "Results: 21 °C.")


@scenario("embeddings")
def embeddings(setting):
    from langchain_openai import OpenAIEmbeddings

    model = OpenAIEmbeddings(
        model=setting.embeddings, base_url=f"{URL}/v1", api_key="unused", check_embedding_ctx_length=False
    )
    same(model.embed_query("sluice"), [0.25, -0.5, 6.5])
    same(model.embed_documents(["a", "lock"]), [[0.25, -0.5, 1.5], [0.25, -0.5, 4.5]])


if __name__ == "__main__":
    run()
