import { useStore } from 'zustand';
import { useClient } from './SocketContext';
import { shownStore } from './shown';
import type { State } from '../store/state';

/** The least that a component needs of what the page knows. */
export const useAppStore = <Selected>(select: (state: State) => Selected): Selected =>
  useStore(shownStore(useClient().store), select);
