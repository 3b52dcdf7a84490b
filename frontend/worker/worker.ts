import { wayOf } from './ways';

declare const self: ServiceWorkerGlobalScope;

/** Written by the build (serviceWorker.ts): what is kept from the beginning, and what is kept once it was needed. */
declare const BUILT: { version: string; shell: readonly string[]; later: readonly string[] };
const { version, shell } = BUILT;
const later = new Set(BUILT.later);

const prefix = 'sori-shell-';
const current = prefix + version;
const laterCache = 'sori-later';
/** A network that is there and brings nothing is no better than none. */
const patienceMs = 3_000;
const files = new Set([...shell, ...later]);

const install = async (): Promise<void> => {
  const cache = await caches.open(current);
  // `no-cache`: the browser's own cache may hold the document of the build before.
  await cache.addAll(shell.map((path) => new Request(path, { cache: 'no-cache' })));
  // What is open goes on with its own files, which are kept for it; so nothing has to wait until it is closed.
  await self.skipWaiting();
};

const activate = async (): Promise<void> => {
  const shells = (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== current);
  // The last one before this stays, for pages that are still open.
  await Promise.all(shells.slice(0, -1).map((name) => caches.delete(name)));
  const cache = await caches.open(laterCache);
  const gone = (await cache.keys()).filter(({ url }) => !later.has(new URL(url).pathname));
  await Promise.all(gone.map((request) => cache.delete(request)));
  await self.clients.claim();
};

/**
 * Where several builds are kept, the latest. Undefined also where the browser does not give it back: a broken store must
 * not keep the page from the network.
 */
const kept = async (path: string): Promise<Response | undefined> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), patienceMs);
  });
  const look = async () => (await (await caches.open(current)).match(path)) ?? (await caches.match(path));
  try {
    return await Promise.race([look(), late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
};

const fetchSoon = async (request: Request): Promise<Response> => {
  const given = new AbortController();
  const timer = setTimeout(() => given.abort(), patienceMs);
  try {
    return await fetch(request, { signal: given.signal });
  } finally {
    clearTimeout(timer);
  }
};

/** A full disk must not keep the page from what the network has just brought. */
const keepForLater = async (path: string, fresh: Response): Promise<void> => {
  if (!fresh.ok || !later.has(path)) return;
  try {
    await (await caches.open(laterCache)).put(path, fresh.clone());
  } catch {
    // Then it comes by the network again.
  }
};

const fetchAndKeep = async (request: Request, path: string): Promise<Response> => {
  const fresh = await fetch(request);
  await keepForLater(path, fresh);
  return fresh;
};

/** What the server has now; what is kept where it cannot be asked, or a proxy says that it is away. */
const freshOrKept = async (request: Request, path: string): Promise<Response> => {
  const held = await kept(path);
  if (held === undefined) return fetchAndKeep(request, path);
  try {
    const fresh = await fetchSoon(request);
    return fresh.status >= 500 ? held : fresh;
  } catch {
    return held;
  }
};

const keptOrFetched = async (request: Request): Promise<Response> => {
  const { pathname } = new URL(request.url);
  const held = await kept(pathname);
  if (held !== undefined) return held;
  return fetchAndKeep(request, pathname);
};

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(activate()));
self.addEventListener('fetch', (event) => {
  const { request } = event;
  switch (wayOf(request, self.location.origin, files)) {
    case 'page':
      event.respondWith(freshOrKept(request, '/index.html'));
      break;
    // Another build of it is another worker, which brings its own.
    case 'file':
    case 'forEver':
      event.respondWith(keptOrFetched(request));
      break;
    case null:
      break;
  }
});
