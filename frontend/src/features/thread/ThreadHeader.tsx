import type { Person } from '@sori/contract';
import { ArrowLeft, Users } from 'lucide-react';
import { useRef } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { useLocation, useNavigate } from 'react-router';
import { Avatar } from '../../ui/Avatar';
import { HeaderMenu } from '../../ui/HeaderMenu';
import { IconButton } from '../../ui/IconButton';
import { useWide } from '../../ui/useMedia';
import { SkeletonPart } from '../../ui/Skeleton';
import type { Target } from '../conversations/target';
import { useConversationActions } from '../conversations/useConversationActions';
import type { ConversationRow } from '../conversations/conversationRows';
import { PresenceDot } from '../people/PresenceDot';
import { useOnline } from '../people/useOnline';
import { usePersonActions } from '../reports/usePersonActions';
import { useTyping } from '../composer/useTyping';
import { TypingDots, whoTypes } from '../conversations/WhoTypes';

type Props = {
  target: Target;
  peer: Person | null;
  name: string;
  toSelf: boolean;
  /** Null while there is no conversation yet. */
  row: ConversationRow | null;
};

/** With whom. */
export function ThreadHeader({ target, peer, name, toSelf, row }: Props) {
  const { t } = useTranslation();
  const wide = useWide();
  const online = useOnline(peer?._id ?? null);
  const typists = useTyping(target).people;
  return (
    <header className="flex h-15 shrink-0 items-center gap-3 border-b border-hairline px-4 max-wide:pl-1 wide:px-6">
      {!wide && <Back />}
      {name === '' ? (
        <>
          <SkeletonPart className="size-9" />
          <SkeletonPart className="h-3.5 w-28" />
        </>
      ) : (
        <>
          <span className="relative shrink-0">
            {peer === null ? (
              <span className="grid size-9 place-items-center rounded-full bg-jjok-soft text-jjok">
                <Users className="size-4.5" aria-hidden="true" />
              </span>
            ) : (
              <>
                <Avatar name={peer.fullName} src={peer.profilePic} className="size-9" />
                <PresenceDot userId={peer._id} surface="ring-paper" />
              </>
            )}
          </span>
          <div className="min-w-0 flex-1">
            <h1 className="truncate leading-5 font-semibold">
              {toSelf ? <span>{name}</span> : <bdi translate="no">{name}</bdi>}
            </h1>
            {typists.length > 0 ? (
              <p className="flex items-center gap-1.5 text-sm text-jjok">
                <TypingDots />
                <span className="truncate">{peer === null ? whoTypes(t, typists) : t('typing.now')}</span>
              </p>
            ) : (
              <p className="truncate text-sm text-muted" aria-hidden={peer !== null}>
                {peer === null
                  ? row !== null && t('conversation.members', { count: row.conversation.memberCount })
                  : t(online ? 'presence.online' : 'presence.offline')}
              </p>
            )}
          </div>
          {row !== null && <Menu row={row} target={target} peer={toSelf ? null : peer} />}
        </>
      )}
    </header>
  );
}

function Menu({ row, target, peer }: { row: ConversationRow; target: Target; peer: Person | null }) {
  const { t } = useTranslation();
  const button = useRef<HTMLButtonElement>(null);
  const ofConversation = useConversationActions(row, target, true);
  const person = usePersonActions(peer === null ? null : { _id: peer._id, name: peer.fullName }, () =>
    button.current?.focus(),
  );
  return (
    <>
      <HeaderMenu
        button={button}
        label={t('row.menu', { name: row.name })}
        actions={[...ofConversation, ...person.actions]}
      />
      {person.dialogs}
    </>
  );
}

/** Back to the list: by history where one came from there, so that the browser's own Back does not lead in circles. */
export function Back() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { state } = useLocation() as { state: { fromList?: boolean } | null };
  return (
    <IconButton
      label={t('conversation.back')}
      onClick={() => void (state?.fromList === true ? navigate(-1) : navigate('/', { replace: true }))}
    >
      <ArrowLeft className="size-5" />
    </IconButton>
  );
}
