import { createContext, useContext } from 'react';
import type { MessageAction } from './messageActions';
import type { ThreadRow } from './threadRow';

/** What the rows of a conversation can ask for. Says by itself what went wrong. */
export type ThreadActs = {
  actionsFor: (row: ThreadRow) => readonly MessageAction[];
  act: (action: MessageAction, row: ThreadRow) => void;
  /** Sets one's own reaction, or takes it back. */
  react: (row: ThreadRow, emoji: string) => void;
  goToMessage: (messageId: string) => void;
  retry: (clientId: string) => void;
  discard: (clientId: string) => void;
  /** What is on its way goes without that file. */
  discardFile: (clientId: string, id: string) => void;
  /** Shows a picture as large as it is. */
  view: (row: ThreadRow, fileId: string) => void;
  /** Puts the focus where one writes. */
  toComposer: () => void;
};

export const ThreadActsContext = createContext<ThreadActs | null>(null);

export const useActs = (): ThreadActs => {
  const acts = useContext(ThreadActsContext);
  if (acts === null) throw new Error('ThreadActsContext is missing above this component');
  return acts;
};
