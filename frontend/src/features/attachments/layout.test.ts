import { albumOf, placeOf } from './layout';

describe('where pictures stand before they are there', () => {
  it('is their own shape, within what a conversation has room for', () => {
    expect(placeOf({ width: 4000, height: 3000 })).toEqual({ width: 320, aspectRatio: 4 / 3 });
    expect(placeOf({ width: 1000, height: 4000 })).toEqual({ width: 96, aspectRatio: 96 / 360 });
    expect(placeOf({ width: 200, height: 100 })).toEqual({ width: 200, aspectRatio: 2 });
  });

  it('is large enough to be pressed', () => {
    expect(placeOf({ width: 1, height: 1 })).toEqual({ width: 96, aspectRatio: 1 });
  });

  it('leaves no place of an album empty', () => {
    for (let count = 2; count <= 10; count += 1) {
      const { columns, rows, firstSpans } = albumOf(count);
      expect(firstSpans).toBeGreaterThanOrEqual(1);
      expect(firstSpans).toBeLessThanOrEqual(columns);
      expect(count - 1 + firstSpans).toBe(columns * rows);
    }
  });
});
