"""A request of ASGI as the environ that Django's WSGI handler takes."""

import sys
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from django.conf import settings

Scope = dict[str, Any]
Environ = dict[str, Any]
UNPREFIXED = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


def environ_of(scope: Scope) -> Environ:
    """Everything but the body."""
    server, client = scope.get("server") or ("", ""), scope.get("client") or ("", "")
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": path_of(scope),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    add_headers(environ, scope["headers"])
    return environ


def path_of(scope: Scope) -> str:
    """As WSGI has it: bytes as Latin-1.

    Always with the path of the public address, which one proxy keeps and another strips. No header
    says which: whoever sends it could choose what links begin with.
    """
    path, below = unquote_to_bytes(scope["raw_path"]).decode("latin-1"), settings.PUBLIC_PATH
    return path if path == below or path.startswith(f"{below}/") else f"{below}{path}"


def add_headers(environ: Environ, headers: Any) -> None:
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if "_" in name:  # it would pass for the header that is spelled with a dash
            continue
        key = UNPREFIXED.get(name) or f"HTTP_{name.upper().replace('-', '_')}"
        if key in environ:
            value = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{value}"
        environ[key] = value


def put_body(environ: Environ, body: IO[bytes], length: int) -> None:
    environ["wsgi.input"] = body
    environ["CONTENT_LENGTH"] = str(length)
