"""Stands in for the web and worker programs: says so in its log, listens like the pages do, and ends when asked."""

import os
import signal
import socket
import sys

if __name__ == "__main__":
    print(sys.argv[1], os.environ["OVERSTAP_DATA_DIR"], "OVERSTAP_DATABASE_URL" in os.environ, flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if sys.argv[1] == "web":
        listener = socket.create_server(("127.0.0.1", int(os.environ["OVERSTAP_WEB_PORT"])))
    while True:
        signal.pause()
