import { keepTexts } from './keptTexts';

const forbidden = (): never => {
  throw new DOMException('The operation is insecure.', 'SecurityError');
};
const full = new DOMException('No room', 'QuotaExceededError');

beforeEach(() => localStorage.clear());
afterEach(() => jest.restoreAllMocks());

describe('small texts that outlive the page', () => {
  it('are in the browser’s storage', () => {
    const texts = keepTexts(() => localStorage);
    expect(texts.write('a', '1')).toBe(true);
    expect(localStorage.getItem('a')).toBe('1');
    expect(texts.read('a')).toBe('1');
    texts.remove('a');
    expect(localStorage.getItem('a')).toBeNull();
  });

  const none: [string, () => Storage][] = [
    ['is forbidden', forbidden],
    ['is missing', () => undefined as unknown as Storage],
    ['throws whatever is done with it', () => new Proxy({} as Storage, { get: forbidden })],
  ];
  it.each(none)('live as long as the page where storage %s', (_how, find) => {
    const texts = keepTexts(find);
    expect(texts.read('a')).toBeNull();
    expect(texts.write('a', '1')).toBe(false);
    expect(texts.write('b', '2')).toBe(false);
    expect(texts.read('a')).toBe('1');
    expect(texts.keys()).toEqual(['a', 'b']);
    texts.remove('a');
    expect(texts.read('a')).toBeNull();
    expect(texts.keys()).toEqual(['b']);
  });

  it('leave no older one behind for the next page where there is no room for the newer', () => {
    const texts = keepTexts(() => localStorage);
    texts.write('a', 'old');
    jest.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw full;
    });
    expect(texts.write('a', 'new')).toBe(false);
    expect(texts.read('a')).toBe('new');
    expect(localStorage.getItem('a')).toBeNull();
    jest.restoreAllMocks();
    expect(texts.write('a', 'newest')).toBe(true);
    expect(localStorage.getItem('a')).toBe('newest');
    expect(texts.keys()).toEqual(['a']);
  });

  it('that could not be removed are gone for this page', () => {
    const texts = keepTexts(() => localStorage);
    texts.write('a', '1');
    jest.spyOn(Storage.prototype, 'removeItem').mockImplementation(forbidden);
    texts.remove('a');
    expect(texts.read('a')).toBeNull();
    expect(texts.keys()).toEqual([]);
  });

  it('that another tab could keep are newer than what this one could not', () => {
    const texts = keepTexts(() => localStorage);
    jest.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw full;
    });
    texts.write('a', 'here');
    jest.restoreAllMocks();
    localStorage.setItem('a', 'elsewhere');
    texts.changedElsewhere('a');
    expect(texts.read('a')).toBe('elsewhere');
  });
});
