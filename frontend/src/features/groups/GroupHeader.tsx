import { LogOut, PanelRight } from 'lucide-react';
import { useRef } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import type { Action } from '../../ui/ActionMenu';
import { HeaderMenu } from '../../ui/HeaderMenu';
import { IconButton } from '../../ui/IconButton';
import { useWide } from '../../ui/useMedia';
import type { Target } from '../conversations/target';
import { useConversationActions } from '../conversations/useConversationActions';
import type { ConversationRow } from '../conversations/conversationRows';
import { Back } from '../thread/ThreadHeader';
import { useTyping } from '../composer/useTyping';
import { TypingDots, whoTypes } from '../conversations/WhoTypes';
import { useDetailsPane, type DetailsPane } from './GroupFrame';
import { GroupPicture } from '../conversations/GroupPicture';
import { useLeaveGroup } from './useLeaveGroup';

/** Which group, how many are in it, and the way to see who. */
export function GroupHeader({ target, row }: { target: Target; row: ConversationRow }) {
  const { t } = useTranslation();
  const wide = useWide();
  const typists = useTyping(target).people;
  const pane = useDetailsPane();
  return (
    <header className="flex h-15 shrink-0 items-center gap-3 border-b border-hairline px-4 max-wide:pl-1 wide:px-6">
      {!wide && <Back />}
      <GroupPicture id={row.id} name={row.name} className="size-9" />
      <div className="min-w-0 flex-1">
        <h1 className="truncate leading-5 font-semibold">
          <bdi translate="no">{row.name}</bdi>
        </h1>
        {typists.length > 0 ? (
          <p className="flex items-center gap-1.5 text-sm text-jjok">
            <TypingDots />
            <span className="truncate">{whoTypes(t, typists)}</span>
          </p>
        ) : (
          <p className="truncate text-sm text-muted">
            {t('group.membersCount', { count: row.conversation.memberCount })}
          </p>
        )}
      </div>
      {pane !== null && <DetailsButton {...pane} />}
      <Menu row={row} target={target} />
    </header>
  );
}

function DetailsButton({ open, toggle, isButton }: DetailsPane) {
  const { t } = useTranslation();
  return (
    <IconButton
      ref={isButton}
      label={t(open ? 'group.hideDetails' : 'group.showDetails')}
      aria-expanded={open}
      data-testid="group-details-toggle"
      onClick={toggle}
      className={open ? 'bg-sunken' : ''}
    >
      <PanelRight className="size-5" />
    </IconButton>
  );
}

function Menu({ row, target }: { row: ConversationRow; target: Target }) {
  const { t } = useTranslation();
  const button = useRef<HTMLButtonElement>(null);
  const ofConversation = useConversationActions(row, target, true);
  const { ask, dialog } = useLeaveGroup(row.conversation, () => button.current?.focus());
  const leaving: Action = {
    key: 'leave',
    Icon: LogOut,
    label: t('group.leave'),
    danger: true,
    apart: true,
    movesFocus: true,
    run: ask,
  };
  return (
    <>
      <HeaderMenu
        button={button}
        label={t('row.menu', { name: row.name })}
        actions={[...ofConversation, leaving]}
      />
      {dialog}
    </>
  );
}
