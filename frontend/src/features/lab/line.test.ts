import { createLine } from './line';

const carried = (line: ReturnType<typeof createLine>, mayBeLost = true) => {
  const deliver = jest.fn();
  line.carry(deliver, mayBeLost);
  return deliver;
};

describe('a line in the lab', () => {
  it('carries everything while nobody touches it', () => {
    const line = createLine();
    expect(carried(line)).toHaveBeenCalledTimes(1);
    expect(line.counts()).toEqual({ passed: 1, dropped: 0 });
  });

  it.each(['cut', 'silent'] as const)('carries nothing when it is %s', (mode) => {
    const line = createLine();
    line.set({ mode });
    expect(carried(line, false)).not.toHaveBeenCalled();
    line.set({ mode: 'open' });
    expect(carried(line)).toHaveBeenCalledTimes(1);
  });

  it('loses as many as it was told to, and never what keeps the connection alive', () => {
    let rolled = 0;
    const line = createLine(() => (rolled += 0.1) % 1);
    line.set({ dropPercent: 50 });
    for (let index = 0; index < 100; index += 1) carried(line);
    expect(line.counts().dropped).toBeGreaterThan(40);
    expect(line.counts().dropped).toBeLessThan(60);
    line.set({ dropPercent: 100 });
    expect(carried(line, false)).toHaveBeenCalledTimes(1);
  });

  it('lets what is late come in order, and loses it where the line goes meanwhile', () => {
    jest.useFakeTimers();
    const line = createLine();
    line.set({ delayMs: 500 });
    const came: number[] = [];
    line.carry(() => came.push(1), true);
    line.carry(() => came.push(2), true);
    jest.advanceTimersByTime(499);
    expect(came).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(came).toEqual([1, 2]);
    line.carry(() => came.push(3), true);
    line.set({ mode: 'cut' });
    jest.advanceTimersByTime(1_000);
    expect(came).toEqual([1, 2]);
    jest.useRealTimers();
  });
});
