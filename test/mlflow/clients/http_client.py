"""Drives a gateway's REST API over plain HTTP, where MLflow's client does not reach."""

import json
from urllib.parse import urljoin

import requests
from checks import TARGET, check, run

QUESTION = {"messages": [{"role": "user", "content": "What is a sluice?"}]}


def call(method, path, **options):
    answer = requests.request(method, TARGET + path, timeout=30, allow_redirects=False, **options)
    kind = answer.headers.get("content-type", "").split(";")[0]
    result = {"status": answer.status_code, "type": kind}
    if kind == "application/json":
        result["body"] = answer.json()
    if "location" in answer.headers:
        result["location"] = urljoin(answer.url, answer.headers["location"])
    if "allow" in answer.headers:
        result["allow"] = answer.headers["allow"]
    return result


def get(name, path):
    check(name)(lambda: call("GET", path))


get("health", "/health")
get("the root leads to the documentation", "/")
get("documentation", "/docs")
get("the list without its slash", "/api/2.0/endpoints")
get("the list", "/api/2.0/endpoints/")
get("the list in the older shape", "/api/2.0/gateway/routes/")
get("an endpoint in the older shape", "/api/2.0/gateway/routes/limited")
get("an unknown endpoint in the older shape", "/api/2.0/gateway/routes/nowhere")
get("an endpoint in the newer API", "/api/3.0/gateway/endpoint/chat")
get("a traffic route", "/api/3.0/gateway/route/half-and-half")
get("an unknown traffic route", "/api/3.0/gateway/route/nowhere")
get("limits are not available", "/api/2.0/endpoints/limits/limited")
get("an invalid page token", "/api/2.0/endpoints/?page_token=nonsense")
get("there is no version route", "/version")
get("the wrong method", "/gateway/chat/invocations")


@check("the OpenAPI document")
def _():
    answer = call("GET", "/openapi.json")
    return {"status": answer["status"], "paths": {path: "described" for path in answer["body"]["paths"]}}


@check("limits cannot be set")
def _():
    return call("POST", "/api/2.0/endpoints/limits/", json={"route": "chat", "limits": []})


@check("chat")
def _():
    return call("POST", "/gateway/chat/invocations", json=QUESTION)


@check("malformed JSON")
def _():
    return call("POST", "/gateway/chat/invocations", data='{"messages": [', headers={"content-type": "application/json"})


@check("an empty body")
def _():
    return call("POST", "/gateway/chat/invocations", headers={"content-type": "application/json"})


@check("a list as the body")
def _():
    return call("POST", "/gateway/chat/invocations", json=[QUESTION])


@check("a body of another type")
def _():
    return call("POST", "/gateway/chat/invocations", data="hello", headers={"content-type": "text/plain"})


@check("several faults in one body")
def _():
    body = {"messages": [{"content": 5}], "n": 0, "top_p": 2, "stream": "perhaps"}
    return call("POST", "/gateway/chat/invocations", json=body)


@check("a missing model on the OpenAI surface")
def _():
    return call("POST", "/v1/chat/completions", json=QUESTION)


@check("a stream's type and events")
def _():
    answer = requests.post(f"{TARGET}/gateway/chat/invocations", json={**QUESTION, "stream": True}, timeout=30)
    answer.encoding = "utf-8"
    events = [json.loads(event.removeprefix("data: ")) for event in answer.text.split("\n\n") if event]
    return {"status": answer.status_code, "type": answer.headers["content-type"], "events": events}


run()
