#!/usr/bin/env python3
"""Starts Firefox for Playwright: it stands between the two, and answers what Firefox cannot.

Playwright drives an installed Firefox by WebDriver BiDi, and sets the colour scheme of each new
context, asked or not. No ESR knows that command yet, and Playwright takes the refusal as the end.
"""

import asyncio
import json
import re
import sys

from aiohttp import ClientSession, web

UNKNOWN = "emulation.setMediaFeaturesOverride"
LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")


async def start(arguments: list[str]) -> None:
    firefox = await asyncio.create_subprocess_exec(
        "firefox-esr", *arguments, stderr=asyncio.subprocess.PIPE
    )
    assert firefox.stderr
    async for line in firefox.stderr:
        if found := LISTENING.search(line.decode()):
            async with ClientSession() as session:
                await relay(session, f"{found[1]}/session")
                async for _ in firefox.stderr:  # read, or Firefox would wait for a reader
                    pass
        sys.stderr.buffer.write(line)
    await firefox.wait()


async def relay(session: ClientSession, address: str) -> None:
    """Listen where Playwright is sent, and say so as Firefox does."""

    async def connect(request: web.Request) -> web.WebSocketResponse:
        playwright = web.WebSocketResponse(max_msg_size=0)
        await playwright.prepare(request)
        async with session.ws_connect(address, max_msg_size=0) as firefox:
            answers = asyncio.create_task(pass_on(firefox, playwright))
            async for message in playwright:
                command = json.loads(message.data)
                if command["method"] == UNKNOWN:
                    answer = {"type": "success", "id": command["id"], "result": {}}
                    await playwright.send_json(answer)
                else:
                    await firefox.send_str(message.data)
            answers.cancel()
        return playwright

    application = web.Application()
    application.router.add_get("/session", connect)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"WebDriver BiDi listening on ws://127.0.0.1:{runner.addresses[0][1]}", file=sys.stderr)


async def pass_on(firefox, playwright: web.WebSocketResponse) -> None:
    async for message in firefox:
        await playwright.send_str(message.data)


if __name__ == "__main__":
    asyncio.run(start(sys.argv[1:]))
