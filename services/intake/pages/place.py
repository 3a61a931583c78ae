"""Where in the work list somebody came from: the group and the filters, taken along from page to page."""

from urllib.parse import urlencode

from starlette.requests import Request


def place(request: Request) -> str:
    """The end of every address that should lead back to the same group: ``?group=…&back=…``, or nothing."""
    kept = {name: value for name in ("group", "back") if (value := request.query_params.get(name, "")[:2000])}
    return f"?{urlencode(kept)}" if "group" in kept else ""
