import { Ellipsis, LogOut, PanelRight } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import type { Action } from '../../ui/ActionMenu';
import { IconButton } from '../../ui/IconButton';
import { useWide } from '../../ui/useMedia';
import { ConversationMenu } from '../conversations/ConversationMenu';
import type { Target } from '../conversations/target';
import type { ConversationRow } from '../conversations/useConversations';
import { Back } from '../messages/ThreadHeader';
import { useTyping } from '../messages/useTyping';
import { TypingDots, whoTypes } from '../messages/WhoTypes';
import { useDetailsPane, type DetailsPane } from './GroupFrame';
import { GroupPicture } from './GroupPicture';
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
          <bdi>{row.name}</bdi>
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
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const returnFocus = () => button.current?.focus();
  const { ask, dialog } = useLeaveGroup(row.conversation, returnFocus);
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
      <ConversationMenu
        row={row}
        target={target}
        isOpen
        more={[leaving]}
        open={open}
        onOpenChange={setOpen}
        returnFocus={returnFocus}
        trigger={
          <IconButton
            ref={button}
            label={t('row.menu', { name: row.name })}
            className="-mr-2"
            onClick={() => setOpen(true)}
          >
            <Ellipsis className="size-5" />
          </IconButton>
        }
      />
      {dialog}
    </>
  );
}
