/**
 * Keeps the page itself on this device, so that it opens with no server. Browsers have that only over https and on
 * localhost; elsewhere, and where it is refused, everything but that works.
 */
export const keepShell = (): void => {
  const register = () => {
    void (async () => {
      try {
        // `none`: whether there is a newer build is for the server to say, not for the browser's cache.
        if ('serviceWorker' in navigator)
          await navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' });
      } catch {
        // Then the page opens by the network alone.
      }
    })();
  };
  // Not before the page is there: what it needs first must not wait for what is kept for later.
  if (document.readyState === 'complete') register();
  else window.addEventListener('load', register, { once: true });
};
