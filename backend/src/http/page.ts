import { join } from 'node:path';
import express, { type RequestHandler, Router } from 'express';

/** Files under this carry a hash of their content in their name. */
const hashed = '/assets/';
/** Pages whose last part may have a dot in it, and is no file all the same. */
const named = /^\/(?:c|u|open)\//;

const isPage = (path: string): boolean =>
  !path.startsWith(hashed) && !path.startsWith('/socket.io/') && (named.test(path) || !/\.[^/]*$/.test(path));

/**
 * Serves the built page from `folder`. Every path of the page is the same document; a file that is not there is not found,
 * or a browser with an old page would run a document as a script.
 */
export function servePage(folder: string): RequestHandler {
  const router = Router();
  router.use(
    express.static(folder, {
      index: false,
      redirect: false,
      setHeaders(response, path) {
        const forEver = path.startsWith(join(folder, hashed));
        response.setHeader('Cache-Control', forEver ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    }),
  );
  router.get('/*path', sendDocument);
  router.get('/', sendDocument);
  return router;

  function sendDocument(...[request, response, next]: Parameters<RequestHandler>): void {
    if (!isPage(request.path) || !request.accepts('html')) {
      next();
      return;
    }
    response.sendFile(
      'index.html',
      { root: folder, headers: { 'Cache-Control': 'no-cache' }, cacheControl: false },
      (error: unknown) => {
        // Not built, most likely. Somebody who closed the tab meanwhile is nobody's error.
        if (error && !response.headersSent) next();
      },
    );
  }
}
