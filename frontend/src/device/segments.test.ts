const samples = ['가나', '각'.normalize('NFD'), 'e\u0301a', '👨‍👩‍👧!', '🇰🇷🇩🇪', '👍🏽👍', '❤️x', 'ab'];

type Segments = typeof import('./segments');

const load = (): Segments => {
  let loaded: Segments | undefined;
  jest.isolateModules(() => {
    loaded = jest.requireActual<Segments>('./segments');
  });
  if (loaded === undefined) throw new Error('not loaded');
  return loaded;
};

it.each(samples)('a browser without a segmenter sees the same characters in %j', (text) => {
  const { Segmenter } = Intl;
  const withOne = load();
  let without: Segments;
  try {
    Object.assign(Intl, { Segmenter: undefined });
    without = load();
  } finally {
    Object.assign(Intl, { Segmenter });
  }
  const seen = ({ graphemesOf }: Segments) => [...graphemesOf(text)].map(({ segment }) => segment);
  expect(seen(without)).toEqual(seen(withOne));
  for (let place = 0; place < text.length; place += 1)
    expect(without.graphemeStart(text, place)).toBe(withOne.graphemeStart(text, place));
});
