"""The process from which the kernels of the tests are forked (see `start_kernel.py`).

It has one thread and imports only modules that start none, so that its copies can use all of them. It ends, and its
kernels with it, when the process that runs the tests has ended.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import traceback
from contextlib import suppress

MODULES = ("ipykernel.kernelapp", "matplotlib.figure", "PIL.Image", "scipy.fft", "scipy.signal", "torch")
"""The modules that take longest to import in a kernel of fxlab.

Modules that look for a running IPython when they are imported, as ipywidgets does, are left to the kernel.
"""

kernels: dict[socket.socket, int] = {}
"""The process number of each running kernel, by the connection to the program that Jupyter has started."""


def bind(name: str) -> socket.socket | None:
    """Return a listening socket at the abstract address `name`, or `None` if another server has it."""
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(f"\0{name}")
    except OSError:
        return None
    listener.listen(64)
    return listener


def receive(connection: socket.socket) -> tuple[dict, list[int]]:
    """Return the request for a kernel and its standard streams."""
    size, streams, _, _ = socket.recv_fds(connection, 8, 3)
    with connection.makefile("rb") as file:
        return json.loads(file.read(int.from_bytes(size, "big"))), streams


def become_kernel(request: dict, streams: list[int]) -> None:
    """Give this process the streams, the environment and the arguments of the kernel."""
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(request["directory"])
    os.environ.clear()
    os.environ.update(request["environment"])
    # A kernel ends when its parent does. The parent of this one is the server, which ends it.
    os.environ.pop("JPY_PARENT_PID", None)
    sys.argv = ["ipykernel_launcher.py", *request["arguments"]]


def answer(connection: socket.socket, number: int) -> None:
    """Send a number to the program that stands for a kernel, unless it has been ended."""
    with suppress(OSError):
        connection.sendall(f"{number}\n".encode())


def kill(kernel: int) -> None:
    """Kill a kernel and the processes that it has started."""
    os.kill(kernel, signal.SIGKILL)  # a child that has not been waited for, so the number is still its own
    with suppress(ProcessLookupError):
        os.killpg(kernel, signal.SIGKILL)


def fork_kernel(listener: socket.socket, selector: selectors.BaseSelector) -> bool:
    """Fork the kernel for which a program has connected; return true in the new process."""
    connection, _ = listener.accept()
    try:
        request, streams = receive(connection)
    except ValueError:  # the program that asked for a kernel was ended before its request was complete
        connection.close()
        return False
    kernel = os.fork()
    if kernel == 0:
        selector.close()
        for each in (listener, connection, *kernels):
            each.close()
        become_kernel(request, streams)
        return True
    for stream in streams:
        os.close(stream)
    kernels[connection] = kernel
    answer(connection, kernel)
    selector.register(connection, selectors.EVENT_READ)
    selector.register(os.pidfd_open(kernel), selectors.EVENT_READ, connection)
    return False


def report_end(connection: socket.socket) -> None:
    """Send the exit status of a kernel that has ended, and forget the kernel."""
    _, status = os.waitpid(kernels.pop(connection), 0)
    answer(connection, os.waitstatus_to_exitcode(status))
    connection.close()


def serve(listener: socket.socket, owner: int) -> bool:
    """Fork a kernel for each connection; return true in a new kernel, and false after the process `owner` has ended."""
    selector = selectors.DefaultSelector()
    selector.register(listener, selectors.EVENT_READ)
    end_of_owner = os.pidfd_open(owner)
    selector.register(end_of_owner, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                if fork_kernel(listener, selector):
                    return True
            elif key.fileobj == end_of_owner:
                return False
            elif key.data is not None:  # a kernel has ended
                selector.unregister(key.fileobj)
                os.close(key.fd)
                with suppress(KeyError):  # the connection may have ended before
                    selector.unregister(key.data)
                report_end(key.data)
            elif key.fileobj in kernels:  # Jupyter has killed the program that stands for the kernel
                selector.unregister(key.fileobj)
                kill(kernels[key.fileobj])


def main() -> None:
    """Serve until the tests have ended, and in each forked process run a kernel."""
    _, name = sys.argv
    listener = bind(name)
    if listener is None:
        return
    # The folder of this program is not on the module search path of a kernel.
    del sys.path[0]
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")  # as ipykernel does
    for module in MODULES:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    if not serve(listener, owner=int(name.rpartition("-")[2])):
        for kernel in kernels.values():
            kill(kernel)
        return
    from ipykernel.kernelapp import launch_new_instance

    try:
        launch_new_instance()
    except Exception:
        # Another program may have taken a port of the kernel. Jupyter then starts it with other ports, but not before
        # this process has ended, which would wait for the messages of its sockets.
        traceback.print_exc()
        os._exit(1)


if __name__ == "__main__":
    main()
