import { join } from 'node:path';
import express, { type RequestHandler, Router } from 'express';
import { decodedPath } from './path.js';

/** Files under this carry a hash of their content in their name. */
const hashed = '/assets/';
/** Pages whose last part may have a dot in it, and is no file all the same. */
const named = /^\/(?:c|u|open)\//;

/** No page has an address as long as this. */
const longestPath = 2_048;

const isPage = (path: string): boolean =>
  path.length <= longestPath &&
  !path.startsWith(hashed) &&
  !path.startsWith('/socket.io/') &&
  !/\\|\/\//.test(path) &&
  (named.test(path) || !/\.[^/]*$/.test(path));

/**
 * Serves the built page from `folder`. Every path of the page is the same document; a file that is not there is not found,
 * or a browser with an old page would run a document as a script.
 */
export function servePage(folder: string): RequestHandler {
  const files = express.static(folder, {
    index: false,
    redirect: false,
    setHeaders(response, path) {
      const forEver = path.startsWith(join(folder, hashed));
      response.setHeader('Cache-Control', forEver ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
  return Router()
    .use(files)
    .get('{/*path}', (request, response, next) => {
      if (!isPage(decodedPath(request.path)) || !request.accepts('html')) {
        next();
        return;
      }
      request.url = '/index.html';
      files(request, response, next);
    });
}
