"""An upstream that is model and judge: it answers at once, and gives the verdict PASS after a while.

python -m bench.judge_upstream PORT [--judge-ms 50]
"""

import argparse
import asyncio
import json

import uvloop

from bench.upstream import ENVELOPE, Count, Script, Upstream, http, usage

ASKS_FOR_A_VERDICT = b'"name":"verdict"'
VERDICT = {"sentinel": "tone", "explanation": "It is polite.", "verdict": "PASS", "confidence": 97, "correction": None}


def verdict() -> bytes:
    """What the judge says, as a whole answer."""
    choice = {"index": 0, "message": {"role": "assistant", "content": json.dumps(VERDICT)}, "finish_reason": "stop"}
    return http(ENVELOPE | {"object": "chat.completion", "choices": [choice], "usage": usage(40)})


class JudgeAndModel(Upstream):
    """One connection; a judge takes its time, and nobody else has to wait for it on theirs."""

    wait = 0.05
    says = verdict()

    def answer(self, path: bytes, body: bytes) -> None:
        """Answers one request."""
        if ASKS_FOR_A_VERDICT not in body.replace(b" ", b""):
            super().answer(path, body)
            return
        self.count.requests += 1
        asyncio.get_running_loop().call_later(self.wait, self.transport.write, self.says)


async def serve(port: int, wait: float) -> None:
    """Serves on loopback until the process is stopped."""
    JudgeAndModel.wait = wait
    script, count, loop = Script.prepare(), Count(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: JudgeAndModel(script, count), "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--judge-ms", type=float, default=50)
    asked = parser.parse_args()
    uvloop.run(serve(asked.port, asked.judge_ms / 1000))
