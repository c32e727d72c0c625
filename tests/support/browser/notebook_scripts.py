"""The JavaScript and Python that a `NotebookPage` runs in its page and in its kernel."""

KERNEL_IS_IDLE = """() => {
  const panel = window.jupyterapp?.shell?.currentWidget;
  return panel?.sessionContext?.session?.kernel?.status === 'idle';
}"""

# What remains is left out of later collections, each of which would otherwise take a quarter of a second.
CLEAR_KERNEL = """from fxlab.panel.rendering import render_thread
render_thread.IDLE_TIMEOUT = getattr(render_thread, 'usual_idle_timeout', render_thread.IDLE_TIMEOUT)
__import__('ipywidgets').Widget.close_all()
get_ipython().reset(new_session=False)
__import__('gc').collect()
__import__('gc').freeze()"""

# Set after how many seconds without work render threads end. Threads that wait already keep their timeout, and
# CLEAR_KERNEL restores the usual one.
SET_IDLE_TIMEOUT = """
from fxlab.panel.rendering import render_thread
render_thread.usual_idle_timeout = getattr(render_thread, 'usual_idle_timeout', render_thread.IDLE_TIMEOUT)
render_thread.IDLE_TIMEOUT = {}"""

CLOSE_NOTEBOOKS = """() => {
  delete window.kernelConnection;
  for (const document of [...window.jupyterapp.shell.widgets('main')]) document.dispose();
}"""

# The result of a command is not returned: many return a document, and a copy of all that it refers to takes a second.
COMMAND = """async ([name, given]) => {
  await window.jupyterapp.commands.execute(name, given);
}"""

SELECT_CELL = """cell => {
  const { content } = window.jupyterapp.shell.currentWidget;
  content.deselectAll();
  content.mode = 'command';
  content.activeCellIndex = cell;
}"""

# An input event is sent at the next animation frame, and the panel is updated up to 35 ms and one frame later.
RUN_TIMERS = """async milliseconds => {
  const wait = ms => new Promise(done => setTimeout(done, ms));
  const frame = () => Promise.race([new Promise(requestAnimationFrame), wait(120)]);
  await frame();
  await wait(milliseconds);
  await frame();
  await frame();
}"""

EXECUTE_IN_BACKGROUND = """code => {
  const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
  kernel.requestExecute({ code, store_history: false });
}"""

EXECUTE = """async ([code, name]) => {
  const { shell, serviceManager } = window.jupyterapp;
  let kernel = shell.currentWidget?.sessionContext?.session?.kernel;
  if (!kernel) {
    // The notebook is closed, but its kernel still runs.
    await serviceManager.sessions.refreshRunning();
    const { kernel: model } = [...serviceManager.sessions.running()].find(session => session.path === name);
    window.kernelConnection ??= serviceManager.kernels.connectTo({ model });
    kernel = window.kernelConnection;
  }
  const future = kernel.requestExecute({ code, store_history: false, silent: false });
  let text = '', error = '';
  future.onIOPub = message => {
    if (message.header.msg_type === 'stream') text += message.content.text;
    if (message.header.msg_type === 'error') error = message.content.evalue;
  };
  await future.done;
  if (error) throw new Error(error);
  // A callback of the kernel may print something after the answer.
  return text.split('answer:')[1].split('\\n')[0];
}"""
