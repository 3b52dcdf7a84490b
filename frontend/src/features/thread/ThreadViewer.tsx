import { attachmentKind } from '@sori/contract';
import { lazy, Suspense, useMemo } from 'react';
import type { Viewable } from '../attachments/Viewer';
import type { Thread } from '../message-list/useThread';
import type { Viewed } from './useThreadActs';

// Few visits need it, and the list does not wait for it.
const Viewer = lazy(() => import('../attachments/Viewer').then((module) => ({ default: module.Viewer })));

type Props = {
  thread: Thread;
  viewed: Viewed | null;
  onView: (viewed: Viewed | null) => void;
};

/** The pictures of the messages that are loaded, one after the other. */
export function ThreadViewer({ thread, viewed, onView }: Props) {
  const { rows, goTo } = thread;
  const pictures = useMemo(
    () =>
      viewed === null
        ? []
        : rows.flatMap(({ key, seq, message, at, senderName, sender }) =>
            (message?.attachments ?? [])
              .filter((file) => attachmentKind(file) === 'picture')
              .map((file): Viewable => ({ key, seq, file, at, by: senderName ?? sender?.fullName ?? '' })),
          ),
    [rows, viewed],
  );
  if (viewed === null) return null;
  return (
    <Suspense>
      <Viewer
        pictures={pictures}
        shown={viewed.fileId}
        onShow={({ key, file }) => onView({ key, fileId: file._id })}
        onGoTo={({ seq }) => {
          onView(null);
          if (seq !== null) goTo(seq);
        }}
        onClose={() => onView(null)}
      />
    </Suspense>
  );
}
