// Who may import whom. In each list a name knows itself and those above it, never those below: so there are no circles
// between them, and what stands high in the list can be read without the rest.

/** The server: core ← the log ← features ← doors. */
const backend = [
  ['core', 'core'],
  ['logger', 'logger.ts'],
  ['metrics', 'metrics'],
  ['database', 'database'],
  ['media', 'media'],
  ['files', 'files'],
  ['conversation-log', 'conversation-log'],
  ['limits', 'limits'],
  ['config', 'config.ts'],
  ['http', 'http'],
  ['realtime', 'realtime'],
  ['servers', 'servers'],
  ['delivery', 'delivery'],
  ['features', 'features'],
  ['schema', 'schema'],
  ['doors', 'app', 'app.ts'],
  ['programs', 'tools', 'main.ts'],
];

/** What works for who is signed in, in a folder for each noun. */
const nouns = [
  'people',
  'typing',
  'drafts',
  'edits',
  'uploads',
  'outbox',
  'rooms',
  'notifications',
  'conversations',
  'read-state',
  'history',
  'changes',
  'cache',
];

/** What is seen, and a hook for each thing a person does. */
const features = [
  'time',
  'attachments',
  'notifications',
  'connection',
  'session',
  'people',
  'block',
  'reports',
  'conversations',
  'conversation-list',
  'search',
  'notices',
  'messages',
  'composer',
  'message-list',
  'thread',
  'groups',
  'rooms',
  'admin',
  'settings',
  'lab',
  'layout',
];

const inFolder = (folder, names) => names.map((name) => [`${folder}/${name}`, `${folder}/${name}`]);

/** The page: what works behind it, what everything is shown with, the features, the whole. */
const frontend = [
  ['device', 'device'],
  ['api', 'api'],
  ['navigation', 'navigation'],
  ['i18n', 'i18n'],
  ['offline', 'offline'],
  ['store', 'store'],
  ...inFolder('account', nouns),
  ['account', 'account/*.ts'],
  ['session', 'session'],
  ['ui', 'ui'],
  ...inFolder('features', features),
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
  .map(({ name, pattern }) => ({ type: name, pattern }));

export const files = all
  .flat()
  .filter((one) => one.isFile)
  .map(({ name, pattern }) => ({ category: name, pattern }));

const selector = (one) => (one.isFile ? { file: { categories: one.name } } : { element: { type: one.name } });

/** One for each name, with all that it may know: each import is held against every policy. */
export const policies = all.flatMap((selectors) =>
  selectors.map((from) => {
    const known = selectors.filter(({ layer }) => layer <= from.layer);
    const named = (isFile) => known.filter((one) => one.isFile === isFile).map(({ name }) => name);
    return {
      from: selector(from),
      allow: { to: [{ element: { type: named(false) } }, { file: { categories: named(true) } }] },
    };
  }),
);
