import type { Person } from '@sori/contract';
import { useTranslation } from '../../i18n/useTranslation';
import { Avatar } from '../../ui/Avatar';
import { DialogBox } from '../../ui/DialogBox';
import { useLast } from '../../ui/useLast';
import type { Target } from '../conversations/target';
import { useReceipts } from './useReceipts';
import type { ThreadRow } from '../messages/threadRow';

type Props = { target: Target; row: ThreadRow | null; onClose: () => void; returnFocus: () => void };

/** Who has read what one said, and who has not yet. It goes on while one looks. */
export function SeenByDialog({ target, row, onClose, returnFocus }: Props) {
  const { t } = useTranslation();
  const shown = useLast(row);
  return (
    <DialogBox open={row !== null} onClose={onClose} title={t('group.seenByTitle')} returnFocus={returnFocus}>
      <p
        dir="auto"
        className="line-clamp-2 wrap-anywhere rounded-xl bg-sunken px-3.5 py-2.5 whitespace-pre-wrap"
      >
        {shown?.text}
      </p>
      {shown !== null && shown.seq !== null && <Seen target={target} seq={shown.seq} />}
    </DialogBox>
  );
}

function Seen({ target, seq }: { target: Target; seq: number }) {
  const { t } = useTranslation();
  const { readBy, unreadBy } = useReceipts(target, seq);
  const all = readBy.length + unreadBy.length;
  return (
    <div data-testid="seen-by" className="mt-4 grid grid-cols-1 gap-4">
      <section aria-label={t('group.seenByTitle')}>
        <p role="status" className="text-sm text-muted">
          {readBy.length === 0
            ? t('group.seenByNobody')
            : unreadBy.length === 0
              ? t('group.seenByAll')
              : t('group.seenCount', { count: readBy.length, all })}
        </p>
        <People people={readBy} />
      </section>
      {readBy.length > 0 && unreadBy.length > 0 && (
        <section aria-label={t('group.notSeenYet')}>
          <h3 className="text-sm text-muted">{t('group.notSeenYet')}</h3>
          <People people={unreadBy} />
        </section>
      )}
    </div>
  );
}

function People({ people }: { people: readonly Person[] }) {
  return (
    <ul className="mt-1">
      {people.map(({ _id, fullName, profilePic }) => (
        <li key={_id} data-testid="seen-person" data-user-id={_id} className="flex items-center gap-3 py-1.5">
          <Avatar name={fullName} src={profilePic} className="size-8" />
          <bdi translate="no" className="truncate font-semibold">
            {fullName}
          </bdi>
        </li>
      ))}
    </ul>
  );
}
