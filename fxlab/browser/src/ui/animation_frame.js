/**
 * Call `callback` at the next animation frame, or after 100 ms if there is none: a hidden tab has no frames, and its
 * panels must still be updated.
 *
 * @param {() => void} callback
 * @returns {() => void} cancels the call
 */
export function onAnimationFrame(callback) {
  let done = false;
  const callOnce = () => {
    if (done) return;
    cancel();
    callback();
  };
  const frame = requestAnimationFrame(callOnce);
  const timer = setTimeout(callOnce, 100);
  const cancel = () => {
    done = true;
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
  return cancel;
}
