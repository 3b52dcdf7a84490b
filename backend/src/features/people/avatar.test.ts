import { avatarColours, avatarInk } from '@sori/contract';
import { avatarAddress, avatarOf, drawAvatar, readAvatar } from './avatar.js';

const alice = { _id: '0123456789abcdef01234567', fullName: 'alice' };
const shownFor = (fullName: string): string => avatarOf({ ...alice, fullName }).character;

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [one, other]
    .map((colour) => {
      const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
        const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
        return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    })
    .sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

describe('an avatar', () => {
  it.each([
    ['alice', 'A'],
    ['김민지', '김'],
    ['김민지'.normalize('NFD'), '김'],
    ['👩‍👩‍👧 family', '👩‍👩‍👧'],
    ['🇰🇷 korea', '🇰🇷'],
    ['"quoted"', 'Q'],
    ['...', '.'],
    ['é', 'É'],
    [`z${'\u0301'.repeat(40)}`, 'Ź'],
    ['<script>', 'S'],
    ['7up', '7'],
  ])('of %s shows %s', (name, character) => {
    expect(shownFor(name)).toBe(character);
  });

  it('keeps its colour over a rename, and gets another address by it', () => {
    const before = avatarOf(alice);
    const after = avatarOf({ ...alice, fullName: 'bob' });
    expect(after.colour).toBe(before.colour);
    expect(avatarAddress(after)).not.toBe(avatarAddress(before));
    expect(avatarAddress(avatarOf(alice))).toBe(avatarAddress(before));
  });

  it.each(['alice', '김민지', '👩‍👩‍👧', '🇰🇷', '<', '&', '"', '/', '.', '%', '１'])(
    'of %s has an address that leads back to it',
    (name) => {
      const avatar = avatarOf({ ...alice, fullName: name });
      const [, file = ''] = /^\/api\/avatars\/([0-9a-f-]+)\.svg$/.exec(avatarAddress(avatar)) ?? [];
      expect(readAvatar(file)).toEqual(avatar);
    },
  );

  it.each([
    '',
    '0',
    '0-',
    '99-41',
    '-1-41',
    '0-zz',
    '0-110000',
    '0-41-42',
    '0-0',
    '0-d800',
    '0-20',
    '0-202e',
    'a-41',
    '0-41-',
    `0-${'41-'.repeat(5_000)}41`,
  ])('is not drawn for an address that no avatar has (%s)', (file) => {
    expect(readAvatar(file)).toBeNull();
  });

  it.each(['<', '&', '"', "'", '>'])('keeps a name from becoming markup (%s)', (character) => {
    const drawn = drawAvatar({ colour: 0, character });
    expect(/<text[^>]*>(.*)<\/text>/.exec(drawn)?.[1]).toMatch(/^&[a-z]+;$/);
  });

  it('can be read on every colour', () => {
    for (const colour of avatarColours) expect(contrast(colour, avatarInk)).toBeGreaterThan(4.5);
  });

  it('loads nothing from elsewhere', () => {
    expect(drawAvatar({ colour: 0, character: 'A' }).replace('http://www.w3.org/2000/svg', '')).not.toContain(
      'http',
    );
  });
});
