import { createContext, useContext } from 'react';

/** Whether the keyboard is in this message. */
export const RowStopContext = createContext(true);

/**
 * For what can be pressed in a message. The whole list is one stop of the Tab key; what is in a message comes behind it, once
 * one is there.
 */
export const useRowStop = (): 0 | -1 => (useContext(RowStopContext) ? 0 : -1);
