import { useState, type FocusEvent, type KeyboardEvent } from 'react';

/** For the one element of a row that the arrow keys go to. */
export type Stop = { 'data-stop': string; tabIndex: 0 | -1 };

type Options = { first?: string | undefined; across?: boolean };

const stopAt = ({ target, currentTarget }: FocusEvent | KeyboardEvent): HTMLElement | null => {
  // To React also what hangs elsewhere in the page, a menu above all, is a part of the row that opened it.
  if (!(target instanceof HTMLElement) || !currentTarget.contains(target)) return null;
  return target.dataset.stop === undefined ? null : target;
};

/**
 * A list is one stop of the Tab key, however long it is: at the row where one was last, else at `first`, else at the first
 * one. The arrow keys, Home and End go from row to row; `across`, where they lie side by side.
 */
export function useOneStop(keys: readonly string[], { first, across = false }: Options = {}) {
  const [reached, setReached] = useState<string | null>(null);
  const stop = [reached, first].find((key) => typeof key === 'string' && keys.includes(key)) ?? keys[0];
  return {
    list: {
      onFocus: (event: FocusEvent) => {
        const key = stopAt(event)?.dataset.stop;
        if (key !== undefined) setReached(key);
      },
      onKeyDown: (event: KeyboardEvent) => {
        const here = stopAt(event);
        if (here === null || event.altKey || event.ctrlKey || event.metaKey) return;
        const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-stop]')];
        const next = nextOf(stops, here, event.key, across);
        if (next === undefined) return;
        event.preventDefault();
        next.focus();
      },
    },
    stopOf: (key: string): Stop => ({ 'data-stop': key, tabIndex: key === stop ? 0 : -1 }),
  };
}

export const nextOf = <Item>(
  items: readonly Item[],
  here: Item,
  key: string,
  across = false,
): Item | undefined => {
  const index = items.indexOf(here);
  if (index < 0) return undefined;
  if (key === (across ? 'ArrowRight' : 'ArrowDown')) return items[index + 1];
  if (key === (across ? 'ArrowLeft' : 'ArrowUp')) return items[index - 1];
  if (key === 'Home') return items[0];
  return key === 'End' ? items.at(-1) : undefined;
};
