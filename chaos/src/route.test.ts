import { createRandom } from './random.js';
import { createRoute } from './route.js';

describe('the server that a device is sent to', () => {
  const ready = [true, true, true];
  const servers = ready.map((_, index) => ({
    name: `server-${index + 1}`,
    port: () => (ready[index] ? 1_000 + index : null),
    isReady: () => ready[index] === true,
  }));
  const route = () => createRoute(servers, createRandom(1, 'route'), 4);
  beforeEach(() => void ready.fill(true));

  it('stays the same while that is ready', () => {
    const one = route();
    expect([one.port(), one.port(), one.server()]).toEqual([1_001, 1_001, 'server-2']);
  });

  it('is one that is ready where the one before is not', () => {
    const one = route();
    ready[1] = false;
    for (let turn = 0; turn < 20; turn += 1) {
      expect([1_000, 1_002]).toContain(one.port());
      one.moveOn();
    }
    expect(one.isHome()).toBe(false);
    ready[1] = true;
    one.goHome();
    expect(one.port()).toBe(1_001);
  });

  it('is none where none runs', () => {
    ready.fill(false);
    expect(route().port()).toBeNull();
  });
});
