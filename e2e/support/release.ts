import { frontOf, type Front } from './front.js';

export type Release = Front & {
  /** From now on the page is another build: another document, and a service worker of another version. */
  newBuild: () => void;
};

const asNewBuild = (path: string, type: string, body: string): string => {
  if (path === '/sw.js') return body.replace(/"version":"\w+"/, '"version":"newbuild"');
  return type.startsWith('text/html')
    ? body.replace('</head>', '<meta name="build" content="new" /></head>')
    : body;
};

/** In front of a real server, and as one with it: only what is built can be exchanged, as by a release. */
export const releaseOf = async (serverUrl: string): Promise<Release> => {
  let isNew = false;
  const front = await frontOf(serverUrl, {
    change: (path, type, body) => (isNew ? asNewBuild(path, type, body) : body),
  });
  return {
    ...front,
    newBuild: () => {
      isNew = true;
    },
  };
};
