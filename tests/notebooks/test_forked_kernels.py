"""The kernels of the tests are forked from a process that has imported PyTorch, and are otherwise like all others."""

import os
import signal
import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel

from tests.support.browser.wait import wait_until
from tests.support.jupyter.kernels.python3.start_kernel import NAME, connect, send_request

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")


@pytest.fixture
def kernel() -> Iterator[tuple[KernelManager, BlockingKernelClient]]:
    manager, client = start_new_kernel(kernel_name="python3")
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def run(client: BlockingKernelClient, code: str) -> str:
    """Run code in the kernel; return what it prints."""
    printed: list[str] = []
    client.execute_interactive(code, output_hook=lambda message: printed.append(message["content"].get("text", "")))
    return "".join(printed)


def test_a_kernel_starts_with_torch_and_is_interrupted_restarted_and_killed(kernel):
    manager, client = kernel
    assert run(client, "import os, sys; print('torch' in sys.modules, 'fxlab' in sys.modules)") == "True False\n"
    assert run(client, "print(os.getcwd())") == f"{Path.cwd()}\n"

    message = client.execute("print('runs', flush=True)\nwhile True: pass")
    while client.get_iopub_msg(timeout=120)["content"].get("text") != "runs\n":
        pass
    manager.interrupt_kernel()
    reply = client.get_shell_msg(timeout=120)
    assert reply["parent_header"]["msg_id"] == message
    assert reply["content"]["ename"] == "KeyboardInterrupt"

    number = int(run(client, "print(os.getpid())"))
    os.kill(number, signal.SIGKILL)
    wait_until(lambda: not manager.is_alive(), "the end of the kernel to be noticed")
    manager.restart_kernel()
    client.wait_for_ready(timeout=120)
    number = int(run(client, "import os; print(os.getpid())"))
    manager.shutdown_kernel(now=True)

    def has_ended() -> bool:
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return True
        return False

    wait_until(has_ended, "the kernel to end with the program that Jupyter started")


def test_the_server_outlives_programs_that_are_ended_while_their_kernel_starts():
    servers = set()
    for is_last in (False, False, False, True):
        with connect(f"{os.nice(0)}-{os.environ[NAME]}") as connection, connection.makefile() as answers:
            server, _, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
            servers.add(server)
            send_request(connection, ["--version"])
            if is_last:
                assert int(answers.readline()) > 0
                assert answers.readline() == "0\n"
    assert len(servers) == 1
