"""For the Python programs of clients: prints steps as lines of JSON. No package of the project may be imported here.

from steps import step, version, not_applicable
version(psycopg.__version__)
step("select", lambda: connection.execute("select 1").fetchall())
"""

import json
import sys
import traceback


def _plain(value):
    """JSON's own values as they are, containers by their parts, everything else by its repr."""
    if value is None or isinstance(value, (bool, str)) or type(value) is int:
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if type(value) is dict:
        return {str(key): _plain(part) for key, part in value.items()}
    return repr(bytes(value) if isinstance(value, (memoryview, bytearray)) else value)


def say(**said):
    print(json.dumps(said, ensure_ascii=False), flush=True)


def version(text):
    say(version=str(text))


def not_applicable(name, reason):
    say(step=name, not_applicable=reason)


def outcome_of_error(error):
    """Class, SQLSTATE (wherever the driver keeps it), first line of the message."""
    inner = getattr(error, "orig", None) or error
    state = getattr(inner, "sqlstate", None) or getattr(inner, "pgcode", None)
    if state is None and inner.args and isinstance(inner.args[0], dict):
        state, message = inner.args[0].get("C"), inner.args[0].get("M", "")
    else:
        message = str(inner).split("\n")[0]
    if state is not None and not isinstance(state, str):
        state = str(state)
    return {"error": type(inner).__name__, "sqlstate": state, "message": message}


def step(name, run):
    """Run it; its value, or its error, is the step's outcome. Gives the value, None after an error."""
    try:
        value = run()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of Rust is no Exception
        say(step=name, value=outcome_of_error(error))
        if "--trace" in sys.argv:
            traceback.print_exc()
        return None
    say(step=name, value=_plain(value))
    return value
