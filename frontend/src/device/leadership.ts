import type { Clock } from './clock';

export type Leadership = {
  leads: () => boolean;
  /** Takes it from whichever tab has it. */
  take: () => void;
  stop: () => void;
};

export type LeadershipDeps = {
  name: string;
  clock: Clock;
  /** This tab leads from now on. Not called for one that leads from the start. */
  changed: () => void;
};
