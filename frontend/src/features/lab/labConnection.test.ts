import { createLabConnection } from './labConnection';

const carried = (connection: ReturnType<typeof createLabConnection>, mayBeLost = true) => {
  const deliver = jest.fn();
  connection.carry(deliver, mayBeLost);
  return deliver;
};

describe('a connection in the lab', () => {
  it('carries everything while nobody touches it', () => {
    const connection = createLabConnection();
    expect(carried(connection)).toHaveBeenCalledTimes(1);
    expect(connection.counts()).toEqual({ passed: 1, dropped: 0 });
  });

  it.each(['cut', 'silent'] as const)('carries nothing when it is %s', (mode) => {
    const connection = createLabConnection();
    connection.set({ mode });
    expect(carried(connection, false)).not.toHaveBeenCalled();
    connection.set({ mode: 'open' });
    expect(carried(connection)).toHaveBeenCalledTimes(1);
  });

  it('loses as many as it was told to, and never what keeps the connection alive', () => {
    let rolled = 0;
    const connection = createLabConnection(() => (rolled += 0.1) % 1);
    connection.set({ dropPercent: 50 });
    for (let index = 0; index < 100; index += 1) carried(connection);
    expect(connection.counts().dropped).toBeGreaterThan(40);
    expect(connection.counts().dropped).toBeLessThan(60);
    connection.set({ dropPercent: 100 });
    expect(carried(connection, false)).toHaveBeenCalledTimes(1);
  });

  it('lets what is late come in order, and loses it where the connection goes meanwhile', () => {
    jest.useFakeTimers();
    const connection = createLabConnection();
    connection.set({ delayMs: 500 });
    const came: number[] = [];
    connection.carry(() => came.push(1), true);
    connection.carry(() => came.push(2), true);
    jest.advanceTimersByTime(499);
    expect(came).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(came).toEqual([1, 2]);
    connection.carry(() => came.push(3), true);
    connection.set({ mode: 'cut' });
    jest.advanceTimersByTime(1_000);
    expect(came).toEqual([1, 2]);
    jest.useRealTimers();
  });
});
