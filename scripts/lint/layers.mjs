// Who may import whom. In each list a name knows itself and those above it, never those below: so there are no circles
// between them, and what stands high in the list can be read without the rest.

/** The server: core ← the log ← features ← doors. */
const backend = [
  ['core', 'core'],
  ['logger', 'logger.ts'],
  ['metrics', 'metrics'],
  ['database', 'database'],
  ['conversation-log', 'conversation-log'],
  ['limits', 'limits'],
  ['config', 'config.ts'],
  ['http', 'http'],
  ['realtime', 'realtime'],
  ['delivery', 'delivery'],
  ['features', 'features'],
  ['schema', 'schema'],
  ['doors', 'app', 'app.ts'],
  ['programs', 'tools', 'main.ts'],
];

/**
 * The page: what a browser offers, what the page knows, what works for who is signed in (a folder for each noun, and the
 * account that makes them all), who is signed in, what everything is shown with, the features, the whole.
 */
const frontend = [
  ['device', 'device'],
  ['api', 'api'],
  ['navigation', 'navigation'],
  ['i18n', 'i18n'],
  ['offline', 'offline'],
  ['store', 'store'],
  ['people', 'account/people'],
  ['typing', 'account/typing'],
  ['drafts', 'account/drafts'],
  ['edits', 'account/edits'],
  ['outbox', 'account/outbox'],
  ['rooms', 'account/rooms'],
  ['notifications', 'account/notifications'],
  ['conversations', 'account/conversations'],
  ['read state', 'account/read-state'],
  ['history', 'account/history'],
  ['changes', 'account/changes'],
  ['cache', 'account/cache'],
  ['account', 'account/*.ts'],
  ['session', 'session'],
  ['ui', 'ui'],
  ['features', 'features'],
  ['page', 'App.tsx', 'main.tsx'],
];

const isFile = (path) => path.includes('.');

const selectorsOf = (folder, layers) =>
  layers.flatMap(([name, ...paths], layer) =>
    paths.map((path) => ({
      name: `${folder} ${name}`,
      layer,
      isFile: isFile(path),
      pattern: `${folder}/src/${path}`,
    })),
  );

const all = [selectorsOf('backend', backend), selectorsOf('frontend', frontend)];

export const folders = all
  .flat()
  .filter((one) => !one.isFile)
  .map(({ name, pattern }) =>
    name === 'frontend features'
      ? { type: name, pattern: `${pattern}/*`, capture: ['feature'] }
      : { type: name, pattern },
  );

export const files = all
  .flat()
  .filter((one) => one.isFile)
  .map(({ name, pattern }) => ({ category: name, pattern }));

const selector = (one) => (one.isFile ? { file: { categories: one.name } } : { element: { type: one.name } });

const feature = (name) => ({ element: { type: 'frontend features', captured: { feature: name } } });

export const policies = [
  ...all.flatMap((selectors) =>
    selectors.flatMap((from) =>
      selectors
        .filter(({ layer }) => layer <= from.layer)
        .map((to) => ({ from: selector(from), allow: { to: selector(to) } })),
    ),
  ),
  // The last that fits counts. What is a room's in a thread is handed in.
  { from: feature('messages'), disallow: { to: feature('rooms') } },
];
