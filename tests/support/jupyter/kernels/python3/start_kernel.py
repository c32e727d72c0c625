"""The kernel `python3` of the tests: a process that `fork_server.py` forks after it has imported PyTorch.

A kernel of its own would take three seconds of CPU time to import the same modules. Jupyter starts this program, which
passes its arguments, environment and standard streams on to the server, forwards signals, and ends as the kernel ends.
Without the server it becomes an ordinary kernel. Linux only; `tests/conftest.py` puts this folder on Jupyter's path.
"""

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

NAME = "FXLAB_TEST_KERNELS"
"""The environment variable with the name of the server's socket, which ends with the number of the process to serve."""


def connect(name: str) -> socket.socket | None:
    """Connect to the fork server, which is started if it does not run; return `None` if it cannot be started."""
    server = None
    while True:
        # Another kernel may start a server at the same time. The one that binds the address second ends, and the next
        # attempt connects to the first one.
        has_ended = server is not None and server.poll() is not None
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(f"\0{name}")
            return connection
        except ConnectionRefusedError:
            connection.close()
        if has_ended:
            return None
        if server is None:
            import subprocess

            program = Path(__file__).with_name("fork_server.py")
            null = subprocess.DEVNULL  # whoever reads the output of this process does not wait for that of the server
            server = subprocess.Popen(
                [sys.executable, program, name], stdin=null, stdout=null, stderr=null, start_new_session=True
            )
        time.sleep(0.02)


def send_request(connection: socket.socket, arguments: list[str]) -> None:
    """Ask the server for a kernel with the streams, the environment and the directory of this process."""
    request = {"arguments": arguments, "directory": str(Path.cwd()), "environment": dict(os.environ)}
    message = json.dumps(request).encode()
    socket.send_fds(connection, [len(message).to_bytes(8, "big")], [0, 1, 2])
    connection.sendall(message)


def run(connection: socket.socket, arguments: list[str]) -> int | None:
    """Run a kernel in the server; return its exit status, negative for a signal, or `None` if it was not started."""
    send_request(connection, arguments)
    answers = connection.makefile("r")
    started = answers.readline()
    if not started:
        return None
    kernel = int(started)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: os.kill(kernel, number))
    return int(answers.readline() or 1)


def main() -> None:
    """Run a kernel, and end as it ended."""
    arguments = sys.argv[1:]
    # A server for each priority, since kernels that show a page to a browser test go before those of other workers.
    connection = connect(f"{os.nice(0)}-{os.environ[NAME]}") if NAME in os.environ else None
    status = None if connection is None else run(connection, arguments)
    if status is None:
        os.execv(sys.executable, [sys.executable, "-m", "ipykernel_launcher", *arguments])
    if status < 0:
        if -status in (signal.SIGINT, signal.SIGTERM):
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    sys.exit(status)


if __name__ == "__main__":
    main()
