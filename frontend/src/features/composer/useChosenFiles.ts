import { limits } from '@sori/contract';
import { useMemo } from 'react';
import { useStore } from 'zustand';
import { toast } from 'sonner';
import { useTranslation } from '../../i18n/useTranslation';
import { useClient } from '../../session/SocketContext';
import { useAppStore } from '../../session/useAppStore';
import { keyOf } from '../../store/state';
import type { ChosenFile } from '../../store/uploads';
import { useFileSize } from '../attachments/useFileSize';
import type { Target } from '../conversations/target';
import { asChosen, largestFile } from './chosenFiles';

export type ChosenFiles = {
  /** False for a guest where the room does not allow it. */
  mayAdd: boolean;
  files: readonly ChosenFile[];
  /** What is too large, or too many, is told and left out. */
  add: (files: readonly File[]) => void;
  remove: (id: string) => void;
  /** One place towards the beginning (-1) or the end (1). */
  move: (id: string, by: -1 | 1) => void;
  /** All of them, until the person takes that back. */
  clear: () => void;
};

const none: readonly ChosenFile[] = [];

/** The files that lie in the composer there. */
export function useChosenFiles(target: Target): ChosenFiles {
  const { store } = useClient();
  const { t } = useTranslation();
  const sizeText = useFileSize();
  const key = useAppStore((state) => keyOf(state, target));
  // As it is now, as in `useDraft`.
  const files = useStore(store, (state) => state.chosen[key]) ?? none;
  const mayAdd = useAppStore(
    ({ visit, conversations }) => visit === null || conversations[key]?.conversation.guestFiles === true,
  );
  const ways = useMemo(() => {
    /** By then it may be a conversation that was only a person when they were chosen. */
    const keyNow = () => keyOf(store.getState(), target);
    const now = () => store.getState().chosen[keyNow()] ?? none;
    const become = (next: readonly ChosenFile[]) => store.getState().filesChosen(keyNow(), next);

    const add = async (given: readonly File[]) => {
      if (!mayAdd) {
        toast.error(t('refused.guestFiles'));
        return;
      }
      const fitting = given.filter(({ size }) => size <= largestFile);
      for (const { name } of given.filter(({ size }) => size > largestFile).slice(0, 3))
        toast.error(t('files.tooLarge', { name, max: sizeText(largestFile) }));
      const room = limits.attachmentsMax - now().length;
      if (fitting.length > room) toast.error(t('files.tooMany', { count: limits.attachmentsMax }));
      const chosen = await Promise.all(fitting.slice(0, Math.max(0, room)).map(asChosen));
      become([...now(), ...chosen].slice(0, limits.attachmentsMax));
    };
    return {
      add: (given: readonly File[]) => void add(given),
      remove: (id: string) => become(now().filter((file) => file.id !== id)),
      move: (id: string, by: -1 | 1) => {
        const from = now().findIndex((file) => file.id === id);
        const file = now()[from];
        const to = from + by;
        if (file === undefined || to < 0 || to >= now().length) return;
        become(now().toSpliced(from, 1).toSpliced(to, 0, file));
      },
      clear: () => {
        const before = now();
        if (before.length === 0) return;
        become([]);
        toast(t('files.removed'), {
          action: {
            label: t('files.undo'),
            onClick: () => become([...before, ...now()].slice(0, limits.attachmentsMax)),
          },
        });
      },
    };
  }, [store, target, t, sizeText, mayAdd]);
  return { files, mayAdd, ...ways };
}
