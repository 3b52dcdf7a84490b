import type { Id } from '@sori/contract';
import { useMemo } from 'react';
import type { Coming } from '../../store/openRoom';
import { useAppStore } from '../../session/useAppStore';
import type { ThreadRow } from '../messages/threadRow';

const nobody: readonly Coming[] = [];

export type ComingsByRow = {
  /** Who came and went between the row before and this one. */
  above: (key: string) => readonly Coming[];
  /** Since the last row. */
  below: readonly Coming[];
};

/** Where among the rows each coming and going stands. */
export function useComings(conversationId: Id | null, rows: readonly ThreadRow[]): ComingsByRow {
  const comings = useAppStore((state) => state.rooms[conversationId ?? '']?.comings ?? nobody);
  return useMemo(() => {
    const above = new Map<string, Coming[]>();
    const below: Coming[] = [];
    for (const coming of comings) {
      const next = rows.find(({ seq }) => seq !== null && seq > coming.afterSeq);
      if (next === undefined) below.push(coming);
      else above.set(next.key, [...(above.get(next.key) ?? []), coming]);
    }
    return { above: (key) => above.get(key) ?? nobody, below };
  }, [comings, rows]);
}
