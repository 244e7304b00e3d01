"""Runs the checks of one client script and prints what each gave, as one JSON object per line."""

import json
import sys

TARGET = sys.argv[1]
_checks = []


def check(name, raises=None):
    """Marks a function as a check. `raises` is the status with which the call must fail, None where it must succeed."""

    def register(function):
        _checks.append((name, raises, function))
        return function

    return register


def _failure(error):
    """The status and the body of an HTTP error, whichever client raised it."""
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    try:
        body = response.json() if response is not None else None
    except ValueError:
        body = response.text
    return {"kind": type(error).__name__, "status": status, "body": body}


def run():
    for name, raises, function in _checks:
        try:
            result = {"value": function()}
        except Exception as error:  # noqa: BLE001 - what the client raises is what is compared
            result = {"failure": _failure(error), "message": str(error)}
        line = json.dumps({"name": name, "raises": raises, **result}, default=str)
        print(line.replace(TARGET, "<target>"), flush=True)
