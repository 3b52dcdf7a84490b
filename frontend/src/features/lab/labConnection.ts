/**
 * The connection to the server in somebody's hands: for trying out what breaks. Pure of sockets and pages, which are in
 * `install.ts`.
 */
export type LabConnectionState = {
  /** `cut`: as if a plug was pulled, and both ends notice. `silent`: nothing gets through, and nobody is told. */
  mode: 'open' | 'cut' | 'silent';
  delayMs: number;
  /** Of a hundred. */
  dropPercent: number;
};
export type LabConnectionCounts = { passed: number; dropped: number };

export type LabConnection = {
  state: () => LabConnectionState;
  counts: () => LabConnectionCounts;
  set: (change: Partial<LabConnectionState>) => void;
  subscribe: (listener: () => void) => () => void;
  /** Carries something over, later or never, as the connection now is. */
  carry: (deliver: () => void, mayBeLost: boolean) => void;
};

const plain: LabConnectionState = { mode: 'open', delayMs: 0, dropPercent: 0 };

export const createLabConnection = (random: () => number = Math.random): LabConnection => {
  let state = plain;
  let counts: LabConnectionCounts = { passed: 0, dropped: 0 };
  const listeners = new Set<() => void>();
  const notify = () => {
    for (const listener of listeners) listener();
  };
  const count = (what: keyof LabConnectionCounts) => {
    counts = { ...counts, [what]: counts[what] + 1 };
    notify();
  };
  return {
    state: () => state,
    counts: () => counts,
    set: (change) => {
      state = { ...state, ...change };
      notify();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    carry: (deliver, mayBeLost) => {
      const lost = state.mode !== 'open' || (mayBeLost && random() * 100 < state.dropPercent);
      if (lost) {
        count('dropped');
        return;
      }
      const arrive = () => {
        // It was on its way when the connection went.
        if (state.mode !== 'open') count('dropped');
        else {
          count('passed');
          deliver();
        }
      };
      if (state.delayMs === 0) arrive();
      else setTimeout(arrive, state.delayMs);
    },
  };
};
