"""A program that is an amqtt broker on the loopback port it is told, until it is ended."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys

from amqtt.broker import Broker
from amqtt.plugins.base import BaseAuthPlugin
from amqtt.session import Session


class Anybody(BaseAuthPlugin):
    """Lets everybody in. amqtt's own plugin for that forgets the durable sessions of people without a name in a second."""

    async def authenticate(self, *, session: Session) -> bool:  # noqa: ARG002 - as the library has it
        return True


async def main(port: int) -> None:
    logging.basicConfig(level=logging.ERROR)
    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
            "plugins": {"amqtt_in_a_child.Anybody": {}},
        }
    )
    await broker.start()
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    await ended.wait()
    await broker.shutdown()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
