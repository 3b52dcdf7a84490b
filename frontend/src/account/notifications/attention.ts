/** Whether somebody can be looking at this page: it is visible and its window has the focus. */
export const hasAttention = (): boolean => document.visibilityState === 'visible' && document.hasFocus();

/** Tells when that changes. What is returned ends it. */
export const watchAttention = (changed: (attention: boolean) => void): (() => void) => {
  let last = hasAttention();
  changed(last);
  const look = () => {
    const now = hasAttention();
    if (now === last) return;
    last = now;
    changed(now);
  };
  // A page that goes into the back/forward cache or is closed loses the focus without a blur.
  const left = () => {
    if (!last) return;
    last = false;
    changed(false);
  };
  window.addEventListener('focus', look);
  window.addEventListener('blur', look);
  document.addEventListener('visibilitychange', look);
  window.addEventListener('pagehide', left);
  window.addEventListener('pageshow', look);
  return () => {
    window.removeEventListener('focus', look);
    window.removeEventListener('blur', look);
    document.removeEventListener('visibilitychange', look);
    window.removeEventListener('pagehide', left);
    window.removeEventListener('pageshow', look);
  };
};
