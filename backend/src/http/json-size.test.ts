import { isModest } from './json-size.js';

const modest = (json: string): boolean => isModest(Buffer.from(json));
const nested = (depth: number, open: string, close: string): string =>
  `${open.repeat(depth)}1${close.repeat(depth)}`;
const listOf = (elements: number): string => `[${Array.from({ length: elements }, () => '1').join(', ')}]`;

describe('a body that may be parsed', () => {
  it.each(['', '{}', '{"a": [1, "b", {"c": null}]}', ' [ ] ', '"[[["'])('is one like %s', (json) => {
    expect(modest(json)).toBe(true);
  });

  it('is at most 20 deep', () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      expect(modest(nested(20, open, close))).toBe(true);
      expect(modest(nested(21, open, close))).toBe(false);
    }
    // Beside each other is not within each other.
    expect(modest(`[${Array.from({ length: 100 }, () => '[[]]').join(',')}]`)).toBe(true);
  });

  it('has at most 20,000 keys and elements, wherever they are', () => {
    expect(modest(listOf(20_000))).toBe(true);
    expect(modest(listOf(20_001))).toBe(false);
    // One key more than elements: itself.
    expect(modest(`{"memberIds":${listOf(19_999)}}`)).toBe(true);
    expect(modest(`{"memberIds":${listOf(20_000)}}`)).toBe(false);
    expect(modest(`[${Array.from({ length: 10_001 }, () => '{"a":1}').join(',')}]`)).toBe(false);
    expect(modest(`[${Array.from({ length: 20_000 }, () => '[ ]').join(',')}]`)).toBe(true);
  });

  it('may have any characters in its texts', () => {
    const text = '[{,\\"[{,\\\\"'.repeat(5_000);
    expect(modest(JSON.stringify({ message: text, '[[[': '{{{"' }))).toBe(true);
    // Behind a text that ends in a backslash, brackets are brackets again.
    expect(modest(`["\\\\",${nested(20, '[', ']')}]`)).toBe(false);
  });

  it('is scanned once, even if its text has no end', () => {
    expect(modest(`"${'\\'.repeat(100_001)}`)).toBe(true);
    expect(modest('['.repeat(200_000))).toBe(false);
  });
});
