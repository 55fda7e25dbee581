"""Which replies to a create request prove that nothing was accepted.

A create may be charged, and no provider takes a key that would make sending it twice harmless. So
a reply may end a task, or let it be sent again, only where it proves a refusal. Every other reply
leaves the outcome open: the task is looked for, and neither sent again nor called failed.

"Own error" is a code or a message in JSON, in one of the shapes that the providers use. A page, a
plain text or nothing at all comes from a box on the way (gateway, firewall, cache), which may have
handed the request on before it answered in its own name.

| reply                    | own error  | without one       | because                              |
|--------------------------|------------|-------------------|--------------------------------------|
| 1xx and nothing after it | -          | open              | an announcement, not an answer       |
| 2xx with an id           | accepted   | accepted          |                                      |
| 2xx without an id        | refused    | open              | some send refusals as 200; anything  |
|                          |            |                   | else may hide the id that was given  |
| 3xx, also 304            | open       | open              | may follow acceptance; not followed, |
|                          |            |                   | as that sends key and order elsewhere|
| 401                      | refused    | refused           | "has not been applied" (RFC 9110);   |
|                          |            |                   | nobody asks for a key after the work |
| 400, 402, 403, 404, 422, | refused    | open              | a firewall that reads answers says   |
| every other 4xx          |            |                   | 403, an error page that lies inside  |
|                          |            |                   | of a gateway 404 or 405, both late   |
| 408, 499                 | open       | open              | somebody stopped waiting for another |
|                          |            |                   | who may be at work                   |
| 409, OperationInProcess  | open       | open              | "it is there already": the answer to |
|                          |            |                   | the second of two, where a gateway   |
|                          |            |                   | repeats a POST whose reply it lost   |
| 413                      | refused    | refused where the | servers judge by Content-Length, so  |
|                          |            | body has 1 MB or  | before they hand anything on; nobody |
|                          |            | more, else open   | finds a small body too large         |
| 424                      | open       | open              | failed behind the provider, in the   |
|                          |            |                   | middle of the work                   |
| 429                      | send later | send later with a | "come again" is said in place of the |
|                          |            | Retry-After, else | work; a bare number says nothing     |
|                          |            | open              |                                      |
| Vtrix 008023095 to ...98 | open       | -                 | something behind it broke, perhaps   |
| at any status            |            |                   | after the maker had accepted         |
| 5xx and everything else  | open       | open              | broken on this side or the far side  |
|                          |            |                   | of acceptance; also as a number in a |
|                          |            |                   | body that came as 4xx or 2xx         |

A connection that fails is judged in `http.py`: nothing happened only where no byte was sent.
"""

OPEN_STATUSES = frozenset((408, 409, 424, 499))
OPEN_CODES = frozenset(("Conflict", "OperationInProcess"))
LARGE = 1_000_000  # bytes; the lowest limit in common use (nginx) is a little above


def is_open(status: int) -> bool:
    """Whether this number leaves the outcome open, whoever says it."""
    return status >= 500 or status in OPEN_STATUSES


def proves_refusal(
    status: int, code: str, *, own_error: bool, sent: int, has_retry_after: bool
) -> bool:
    """The table above for a reply outside 2xx, or for the status that a 2xx reply holds inside."""
    if status < 400 or is_open(status) or code in OPEN_CODES:
        return False
    if own_error or status == 401:
        return True
    return (status == 413 and sent >= LARGE) or (status == 429 and has_retry_after)
