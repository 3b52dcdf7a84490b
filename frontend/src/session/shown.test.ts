import { shownStore } from './shown';
import { createAppStore } from './appStore';

describe('what components see of the store', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  const setUp = () => {
    const store = createAppStore();
    const shown = shownStore(store);
    const seen: string[] = [];
    const end = shown.subscribe(({ connection }) => seen.push(connection));
    const change = (times: number) => {
      for (let count = 0; count < times; count += 1)
        store.getState().connectionChanged(store.getState().connection === 'online' ? 'offline' : 'online');
    };
    return { store, shown, seen, end, change };
  };

  it('is the same store for all of them', () => {
    const { store, shown } = setUp();
    expect(shownStore(store)).toBe(shown);
    expect(shown.getState()).toBe(store.getState());
  });

  it('changes at once while little happens', () => {
    const { seen, change } = setUp();
    for (let times = 1; times <= 30; times += 1) {
      change(1);
      expect(seen).toHaveLength(times);
      jest.advanceTimersByTime(200);
    }
  });

  it('changes a few times in a storm, and ends with the last state', () => {
    const { store, seen, change } = setUp();
    change(1_001);
    expect(seen.length).toBeLessThan(20);
    jest.advanceTimersByTime(100);
    expect(seen.length).toBeLessThan(20);
    expect(seen.at(-1)).toBe(store.getState().connection);
  });

  it('changes at once again when the storm is over', () => {
    const { seen, change } = setUp();
    change(500);
    jest.advanceTimersByTime(300);
    const before = seen.length;
    change(1);
    expect(seen).toHaveLength(before + 1);
  });

  it('is told to nobody who has gone', () => {
    const { seen, end, change } = setUp();
    end();
    change(50);
    jest.advanceTimersByTime(300);
    expect(seen).toEqual([]);
  });
});
