import { inOrderOf } from './useSteadyOrder';

const rows = (...ids: string[]) => ids.map((id) => ({ id }));

describe('rows under a moving mouse', () => {
  it('stay in the order they had', () => {
    expect(inOrderOf(['a', 'b', 'c'], rows('c', 'a', 'b'))).toEqual(rows('a', 'b', 'c'));
  });

  it('make room for a new one, and close up after one that is gone', () => {
    expect(inOrderOf(['a', 'b', 'c'], rows('new', 'c', 'a'))).toEqual(rows('new', 'a', 'c'));
  });
});
