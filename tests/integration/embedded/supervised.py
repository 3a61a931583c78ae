"""A supervisor in a process of its own, with stand-ins for the programs. Its argument is the data directory."""

import asyncio
import sys
from pathlib import Path

from shared.core.settings import Settings
from shared.local import stack


async def supervise(data_dir: Path) -> None:
    """Run a stack until it is asked to stop."""
    stack.PROGRAM = ("tests.integration.embedded.pretender",)
    async with stack.Stack(Settings(_env_file=None, data_dir=data_dir, web_port=0)) as running:
        await running.up()
        print("up", flush=True)
        await running.wait()
    print("closed", flush=True)


if __name__ == "__main__":
    asyncio.run(supervise(Path(sys.argv[1])))
