import { routeNames } from '@sori/contract';
import { routePrices } from './costs.js';

/** As prices name them: the method in small letters, and the path under `/api`. */
const asPriced = (name: string): string =>
  name.replace(/^[A-Z]+ \/api/, (start) => start.split('/')[0]?.toLowerCase() ?? '');

describe('what a call costs', () => {
  it('is set for every route, so that nobody who adds one forgets whether it is heavy', () => {
    const counted = routeNames.filter((name) => name.includes(' /api/'));
    expect(counted.length).toBeGreaterThan(40);
    // A picture's name ends like a file's.
    const said = new Set(Object.keys(routePrices)).add('get /avatars/:name.svg');
    expect(counted.map(asPriced).filter((route) => !said.has(route))).toEqual([]);
  });
});
