"""What the scripts of the clients share: the prompts, and running each cell of the table.

A script reads the cells from standard input and prints one JSON object for each: its name, and what went wrong or null.
"""

import concurrent.futures
import json
import sys
import time
import traceback
import urllib.request
import uuid

GIVEN = json.load(sys.stdin)
URL = GIVEN["url"]
TEXTS = GIVEN["texts"]
WEATHER = TEXTS["weather"]
REPORT = TEXTS["report"]
BOTH = ["21 °C", "25 °C"]

SCENARIOS = {}


def scenario(name):
    def add(function):
        SCENARIOS[name] = function
        return function

    return add


class Setting:
    """Where a scenario runs: the endpoints and what the kind of upstream can do."""

    def __init__(self, family, model):
        self.model = model
        self.embeddings = family["embeddings"]
        self.statuses = family["statuses"]
        self.has_usage = family["hasUsage"]
        self.streams = family["streams"]
        self.takes_instructions = family["takesInstructions"]
        self.counts_exactly = family["countsTokens"] == "exactly"

    @property
    def answer(self):
        return TEXTS["answer"] if self.takes_instructions else TEXTS["bareAnswer"]

    def failures(self):
        """Each prompt that fails, with the status that the client sees."""
        for failure in TEXTS["failures"]:
            yield f"Please fail {failure}.", self.statuses.get(str(failure), failure)

    def check_count(self, tokens):
        same(tokens, 20) if self.counts_exactly else holds(5 < tokens < 200, f"{tokens} tokens are no fair estimate")

    def check_gone(self, key):
        """Waits until the upstream saw the caller of `slow <key>` leave."""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            with urllib.request.urlopen(f"{GIVEN['gone']}/{key}") as answer:
                if json.load(answer)["gone"]:
                    return
            time.sleep(0.01)
        raise AssertionError(f"the upstream never saw the client of '{key}' leave")


def same(actual, expected):
    if actual != expected:
        raise AssertionError(f"{actual!r} is not {expected!r}")


def holds(condition, message):
    if not condition:
        raise AssertionError(message)


def fails(call):
    """The error of a call that must not succeed."""
    try:
        value = call()
    except Exception as error:
        return error
    raise AssertionError(f"no error was raised, but: {value!r}")


def new_key():
    return f"python-{uuid.uuid4()}"


def weather_in(city):
    return BOTH[0] if city == "Paris" else BOTH[1]


def run():
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for line in pool.map(run_cell, GIVEN["cells"]):
            print(json.dumps(line), flush=True)


def run_cell(cell):
    family, function = GIVEN["families"][cell["family"]], SCENARIOS[cell["scenario"]]
    try:
        if cell["refused"]:
            check_refusal(fails(lambda: function(Setting(family, f"{family['name']}-strict"))))
        else:
            function(Setting(family, family["name"]))
        return {**cell, "problem": None}
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        return {**cell, "problem": f"{type(error).__name__}: {error} ({where.name}, line {where.lineno})"}


def check_refusal(error):
    status = getattr(error, "status_code", None) or getattr(error, "code", None)
    holds(status in (400, 422, 501), f"refused by {status}: {error!r}")
