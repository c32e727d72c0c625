/**
 * Call `callback` at the next animation frame, or a little later where there is none: a hidden tab has no
 * frames, and its panels must go on.
 *
 * @param {() => void} callback
 * @returns {() => void} cancels it
 */
export function onAnimationFrame(callback) {
  let done = false;
  const once = () => {
    if (done) return;
    cancel();
    callback();
  };
  const frame = requestAnimationFrame(once);
  const timer = setTimeout(once, 100);
  const cancel = () => {
    done = true;
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
  return cancel;
}
