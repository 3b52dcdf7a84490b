/**
 * How a request of the page is answered. `page`: the document, fresh if that can be had. `forEver`: a file with its
 * content's hash in its name. `file`: another file of the build, which is as old as the worker. Null: not ours to answer; above all nothing of the API
 * or of the sockets, whose answers must never be old ones.
 */
export type Way = 'page' | 'forEver' | 'file' | null;

/** Never ours, whatever is built: `/avatars/` is drawn by the server. */
const servers = /^\/(?:api|socket\.io|avatars)(?:\/|$)|^\/(?:healthz|readyz)$/;

export const wayOf = (
  request: { method: string; mode: string; url: string },
  origin: string,
  files: ReadonlySet<string>,
): Way => {
  const { origin: asked, pathname } = new URL(request.url);
  if (request.method !== 'GET' || asked !== origin || servers.test(pathname)) return null;
  if (pathname.startsWith('/assets/')) return 'forEver';
  if (files.has(pathname)) return 'file';
  return request.mode === 'navigate' ? 'page' : null;
};
