import { emojiForm } from '@sori/contract';
import { useCallback, useMemo, useState, type RefObject } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { useNavigate } from 'react-router';
import { toast } from 'sonner';
import { useComplain } from '../../i18n/useComplain';
import { myId } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import { useClient } from '../../session/SocketContext';
import { useCopy } from '../../ui/useCopy';
import { downloadUrl } from '../attachments/addresses';
import { copyPicture, save } from '../attachments/copyPicture';
import { wordsOf } from '../attachments/words';
import type { Target } from '../conversations/target';
import { useMarkUnread } from '../conversations/useMarkUnread';
import type { ComposerHandle } from '../composer/Composer';
import { actionsFor, type MessageAction } from '../messages/messageActions';
import type { ThreadActs } from '../messages/ThreadActs';
import { useMessageActions, type Editable } from '../messages/useMessageActions';
import { useSend } from '../composer/useSend';
import type { ThreadRow } from '../messages/threadRow';
import type { Thread } from '../message-list/useThread';

/** A picture of the conversation: in which row, and which file. */
export type Viewed = { key: string; fileId: string };

/** What a visitor without an account is not offered. */
const forAccounts = new Set<MessageAction>(['markUnread', 'report']);

/** What can be done in a conversation, and the message about whose deletion the person is asked. */
export function useThreadActs(target: Target, thread: Thread, composer: RefObject<ComposerHandle | null>) {
  const { t, language } = useTranslation();
  const { store } = useClient();
  const navigate = useNavigate();
  const complain = useComplain();
  const copy = useCopy();
  const withFile = useFileActs();
  const me = useAppStore(myId);
  const { react, unreact, pin, unpin, remove } = useMessageActions();
  const { retry, discard } = useSend(target);
  const markUnread = useMarkUnread(target);
  const { conversation, goToMessage } = thread;
  const [deleting, setDeleting] = useState<Editable | null>(null);
  const [reporting, setReporting] = useState<ThreadRow | null>(null);
  const [viewing, setViewing] = useState<Viewed | null>(null);
  const [seen, setSeen] = useState<ThreadRow | null>(null);
  const sharesReceipts = useAppStore(({ settings }) => settings?.receipts ?? true);
  const isGuest = useAppStore((state) => state.visit !== null);

  const acts = useMemo<ThreadActs>(
    () => ({
      actionsFor: (row) =>
        actionsFor(row, conversation, me).filter(
          (action) => (!isGuest || !forAccounts.has(action)) && (sharesReceipts || action !== 'seenBy'),
        ),
      act: (action, row) => {
        const { message } = row;
        if (action === 'copy') copy(row.text, t('message.copied'));
        if (action === 'save' || action === 'copyPicture') withFile(action, row);
        if (message === null) return;
        if (action === 'reply') composer.current?.reply(message._id);
        if (action === 'edit') composer.current?.edit(row);
        if (action === 'remove') setDeleting({ ...message, message: wordsOf(row, language) });
        if (action === 'report') setReporting(row);
        if (action === 'seenBy') setSeen(row);
        if (action === 'pin') pin(message).catch(complain);
        if (action === 'unpin') unpin(message).catch(complain);
        if (action === 'markUnread') {
          // Away from it first: what is on screen is read.
          void navigate('/');
          markUnread(message.seq).catch(complain);
        }
      },
      react: ({ message }, emoji) => {
        if (message === null) return;
        const form = emojiForm(emoji);
        const isMine = message.reactions.some(
          (one) => emojiForm(one.emoji) === form && one.userIds.includes(me),
        );
        (isMine ? unreact(message, emoji) : react(message, emoji)).catch(complain);
      },
      goToMessage: (messageId) => {
        goToMessage(messageId).then((found) => {
          if (!found) toast(t('message.quoteGone'));
        }, complain);
      },
      retry,
      discard,
      discardFile: (clientId, id) => store.getState().fileDiscarded(clientId, id),
      view: ({ key }, fileId) => setViewing({ key, fileId }),
      toComposer: () => composer.current?.focus(),
    }),
    [
      t,
      language,
      store,
      copy,
      withFile,
      me,
      isGuest,
      sharesReceipts,
      conversation,
      composer,
      navigate,
      complain,
      react,
      unreact,
      pin,
      unpin,
      markUnread,
      goToMessage,
      retry,
      discard,
    ],
  );
  return {
    acts,
    deleting,
    /** Also about a message that is not among the rows. */
    askToRemove: setDeleting,
    reporting,
    endReport: () => setReporting(null),
    viewing,
    view: setViewing,
    seen,
    endSeen: () => setSeen(null),
    keep: () => setDeleting(null),
    confirmDelete: () => {
      if (deleting !== null) remove(deleting).catch(complain);
      setDeleting(null);
    },
  };
}

/** With the one file of a message. */
function useFileActs() {
  const { t } = useTranslation();
  return useCallback(
    (action: 'save' | 'copyPicture', { attachments }: ThreadRow) => {
      const [file] = attachments;
      if (file === undefined) return;
      if (action === 'save') save(downloadUrl(file._id), file.name);
      else
        void copyPicture(file._id).then((copied) => {
          if (copied) toast(t('files.copied'));
          else toast.error(t('files.copyFailed'));
        });
    },
    [t],
  );
}
