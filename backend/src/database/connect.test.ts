import { durabilityFor, reconnectionWatch, writableOf, type TopologyView } from './connect.js';

describe('what an acknowledgement is worth', () => {
  it('means one journal on a single server', () => {
    // As the embedded engine answers `hello`.
    expect(durabilityFor({ isWritablePrimary: true, maxWireVersion: 27, ok: 1 } as object)).toEqual({
      kind: 'standalone',
      writeConcern: { w: 1, j: true },
      readConcern: 'local',
      settles: true,
    });
  });

  it.each([
    [
      'a replica set',
      { setName: 'rs0', isWritablePrimary: true, hosts: ['a:27017', 'b:27017', 'c:27017'], ok: 1 },
    ],
    ['a secondary of one', { setName: 'rs0', isWritablePrimary: false, secondary: true, ok: 1 }],
    ['a sharded cluster', { msg: 'isdbgrid', isWritablePrimary: true, ok: 1 }],
  ])('means the journals of a majority on %s', (_where, hello) => {
    expect(durabilityFor(hello)).toEqual({
      kind: 'majority',
      writeConcern: { w: 'majority', j: true },
      readConcern: 'majority',
      settles: false,
    });
  });
});

describe('noticing that the database came back', () => {
  const view = (...servers: [address: string, type: string, electionId?: string][]): TopologyView => ({
    type: 'any',
    servers: new Map(servers.map(([address, type, electionId]) => [address, { address, type, electionId }])),
  });

  it('knows no server while there is none that takes writes', () => {
    expect(writableOf(view(['a', 'Unknown']))).toBeNull();
    expect(writableOf(view(['a', 'RSSecondary'], ['b', 'Unknown']))).toBeNull();
  });

  it('tells one primary from the next, and one term of the same from the next', () => {
    const first = writableOf(view(['a', 'RSPrimary', 't1'], ['b', 'RSSecondary']));
    expect(first).not.toBeNull();
    expect(writableOf(view(['a', 'RSPrimary', 't1'], ['b', 'Unknown']))).toBe(first);
    expect(writableOf(view(['a', 'RSSecondary'], ['b', 'RSPrimary', 't2']))).not.toBe(first);
    expect(writableOf(view(['a', 'RSPrimary', 't3'], ['b', 'RSSecondary']))).not.toBe(first);
  });

  it('does not take another router of a cluster for a return', () => {
    expect(writableOf(view(['a', 'Mongos']))).toBe(writableOf(view(['a', 'Unknown'], ['b', 'Mongos'])));
  });

  it('does not take the first connection for a return, nor a reconnection after an idle one was closed', () => {
    const reconnected = jest.fn();
    const watch = reconnectionWatch(reconnected);
    watch.topology(view(['a', 'Unknown']));
    watch.topology(view(['a', 'Standalone']));
    watch.ready({ address: 'a' });
    watch.closed({ address: 'a', reason: 'idle' });
    watch.ready({ address: 'a' });
    expect(reconnected).not.toHaveBeenCalled();
  });

  it('notices a server that went away and came back', () => {
    const reconnected = jest.fn();
    const watch = reconnectionWatch(reconnected);
    for (const type of ['Standalone', 'Unknown', 'Standalone']) watch.topology(view(['a', type]));
    expect(reconnected).toHaveBeenCalledTimes(1);
  });

  it('notices by a broken connection a server that was back before the driver looked', () => {
    const reconnected = jest.fn();
    const watch = reconnectionWatch(reconnected);
    watch.topology(view(['a', 'Standalone']));
    watch.closed({ address: 'a', reason: 'error' });
    watch.closed({ address: 'a', reason: 'stale' });
    watch.ready({ address: 'b' });
    expect(reconnected).not.toHaveBeenCalled();
    watch.ready({ address: 'a' });
    watch.ready({ address: 'a' });
    expect(reconnected).toHaveBeenCalledTimes(1);
  });
});
