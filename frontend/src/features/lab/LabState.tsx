import { itemsOf, myPositions } from '@sori/client';
import { useTranslation } from '../../i18n/useTranslation';
import { peerOf } from '../../account/conversations/conversationsSlice';
import { myId } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import { classes } from '../../ui/classes';
import { Part } from './Part';

/** More would be a list to scroll, and the last ones are those that move. */
const shown = 12;

/** What waits to go out, and how far each conversation's log was followed. */
export function LabState() {
  const { t } = useTranslation();
  return (
    <>
      <Part title={t('lab.outbox')}>
        <OutboxTable />
      </Part>
      <Part title={t('lab.cursors')}>
        <Cursors />
      </Part>
    </>
  );
}

function OutboxTable() {
  const { t } = useTranslation();
  const outbox = useAppStore((state) => state.outbox);
  const items = itemsOf(outbox);
  if (items.length === 0) return <p className="text-sm text-muted">{t('lab.outboxEmpty')}</p>;
  return (
    <ul className="grid gap-1 text-sm">
      {items.slice(-shown).map(({ clientId, order, text, state }) => (
        <li key={clientId} className="tabular flex items-center gap-2.5 rounded-lg bg-sunken px-2.5 py-1.5">
          <span className="text-muted">{order}</span>
          <bdi className="min-w-0 flex-1 truncate">{text}</bdi>
          <span className={classes('font-semibold', state === 'failed' && 'text-persimmon-text')}>
            {t(`lab.${state}`)}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Cursors() {
  const { t } = useTranslation();
  const me = useAppStore(myId);
  const conversations = useAppStore((state) => state.conversations);
  const rows = Object.values(conversations)
    .sort((one, other) => (one.conversation.lastActivityAt < other.conversation.lastActivityAt ? 1 : -1))
    .slice(0, shown);
  return (
    <table className="tabular w-full text-right text-sm">
      <thead>
        <tr className="text-xs text-muted [&>th]:py-1 [&>th]:font-normal">
          <th scope="col" className="text-left">
            {t('lab.with')}
          </th>
          <th scope="col">{t('lab.head')}</th>
          <th scope="col">{t('lab.received')}</th>
          <th scope="col">{t('lab.read')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ conversation, countedSeq, stale }) => (
          <tr key={conversation._id} className="border-t border-hairline [&>td]:py-1">
            <td className="max-w-32 truncate text-left">
              <bdi>{peerOf(conversation, me)?.fullName ?? conversation.name}</bdi>
            </td>
            <td>{conversation.headSeq}</td>
            <td className={classes((stale || countedSeq < conversation.headSeq) && 'text-persimmon-text')}>
              {countedSeq}
            </td>
            <td>{myPositions(conversation, me).readSeq}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
