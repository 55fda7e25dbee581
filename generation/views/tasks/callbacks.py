"""Callbacks from providers: each only wakes a poll."""

from secrets import compare_digest

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from generation.engine import callbacks
from generation.models import Task
from generation.web.shortcuts import open_view

MOST_BYTES = 64 * 1024


@open_view("providers call it, with a token in the path")
@csrf_exempt
@require_POST
def receive_callback(request: HttpRequest, task_id: int, token: str) -> HttpResponse:
    """Wake a poll. The token in the path, then the signature, must be right."""
    task = Task.objects.select_related("key").filter(pk=task_id).first()
    if task is None or not compare_digest(task.callback_token.encode(), token.encode()):
        raise Http404
    if int(request.headers.get("Content-Length") or 0) > MOST_BYTES:
        return HttpResponse(status=413)
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        return HttpResponse(status=413)
    try:
        nonce = callbacks.verify(
            task, request.path, request.META.get("QUERY_STRING", ""), dict(request.headers)
        )
    except callbacks.BadSignature:
        return HttpResponse(status=401)
    callbacks.receive(task, nonce, body)
    return HttpResponse(status=200)
