import { foundAt } from './hangulMatch';

describe('looking for a name that is being typed', () => {
  it.each([
    ['김민지', 'ㄱ', 0],
    ['김민지', '기', 0],
    ['김민지', '김ㅁ', 0],
    ['김민지', 'ㅁㅈ', 1],
    ['김민지', '미', 1],
    ['김민지', '민지', 1],
    ['김민지', '', 0],
    ['Minji Kim', 'KIM', 5],
    ['Zoë', 'zoe', 0],
    ['남궁 민수', '궁민', 1],
    ['Ａlice', 'ali', 0],
    ['김민지', '지민', -1],
    ['김민지', '김민지아', -1],
    ['김민지', '기지', -1],
  ])('%s has %s at %i', (name, query, place) => expect(foundAt(name, query)).toBe(place));
});
