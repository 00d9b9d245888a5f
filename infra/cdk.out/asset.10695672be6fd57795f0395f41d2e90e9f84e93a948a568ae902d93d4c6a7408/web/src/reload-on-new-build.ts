const KEY = 'assay-reloaded-at';
const AGAIN_AFTER_MS = 30_000;

/**
 * A page left open over an upgrade asks for files that are gone: load the new build instead. At most once in a while, so that a
 * server that cannot answer does not make the page reload for ever; the error is shown then.
 */
export function reloadOnNewBuild(): void {
  window.addEventListener('vite:preloadError', (event) => {
    try {
      const last = Number(sessionStorage.getItem(KEY) ?? 0);
      if (Date.now() - last < AGAIN_AFTER_MS) return;
      sessionStorage.setItem(KEY, String(Date.now()));
    } catch {
      return; // without storage a loop could not be told from an upgrade
    }
    event.preventDefault();
    window.location.reload();
  });
}
