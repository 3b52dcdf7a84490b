import {
  CircleDot,
  Copy,
  Download,
  Ellipsis,
  Eye,
  Flag,
  Images,
  Pencil,
  Pin,
  PinOff,
  Reply,
  SmilePlus,
  Trash2,
  type LucideIcon,
} from 'lucide-react';
import { Popover } from 'radix-ui';
import { lazy, Suspense, type ComponentProps, type ReactNode } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { myId } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import { useBackCloses } from '../../navigation/useBackCloses';
import { ActionMenu, type Action } from '../../ui/ActionMenu';
import { classes } from '../../ui/classes';
import { Sheet } from '../../ui/Sheet';
import { useTouch } from '../../ui/useMedia';
import { canReact, type MessageAction } from './messageActions';
import { ReactionChooser } from './ReactionChooser';
import { useRowStop } from './rowStop';
import { useActs } from './ThreadActs';
import type { ThreadRow } from './threadRow';

// Its data and code are large, and most visits need neither.
const EmojiPicker = lazy(() =>
  import('../../ui/EmojiPicker').then((module) => ({ default: module.EmojiPicker })),
);

/** What is open at a message: its menu, a few reactions, all emojis. */
export type Layer = 'menu' | 'quick' | 'all' | null;

const icons: Record<MessageAction, LucideIcon> = {
  reply: Reply,
  edit: Pencil,
  copy: Copy,
  copyPicture: Images,
  save: Download,
  pin: Pin,
  unpin: PinOff,
  markUnread: CircleDot,
  seenBy: Eye,
  report: Flag,
  remove: Trash2,
};
/** These lead the focus elsewhere: into the composer, a dialog, the list. */
const moveFocus = new Set<MessageAction>(['reply', 'edit', 'remove', 'markUnread', 'seenBy', 'report']);

type Props = { row: ThreadRow; layer: Layer; onLayer: (layer: Layer) => void; returnFocus: () => void };

/** What can be done with a message: a small bar at its corner, with the menu behind it. For fingers only the menu. */
export function MessageTools({ row, layer, onLayer, returnFocus }: Props) {
  const { t } = useTranslation();
  const acts = useActs();
  const touch = useTouch();
  // By finger the sheet sees to it.
  useBackCloses(!touch && (layer === 'quick' || layer === 'all'), () => onLayer(null));
  const me = useAppStore(myId);
  const names = acts.actionsFor(row);
  const mine = (row.message?.reactions ?? []).flatMap(({ emoji, userIds }) =>
    userIds.includes(me) ? [emoji] : [],
  );
  const actions = names.map<Action>((name) => ({
    key: name,
    Icon: icons[name],
    label:
      name === 'report' ? t('report.message') : name === 'seenBy' ? t('group.seenBy') : t(`message.${name}`),
    danger: name === 'remove',
    apart: name === 'remove',
    movesFocus: moveFocus.has(name),
    run: () => acts.act(name, row),
  }));
  const pick = (emoji: string) => {
    acts.react(row, emoji);
    onLayer(null);
  };
  const all = (
    <Suspense fallback={<div className="h-80 wide:w-84" />}>
      <EmojiPicker onPick={pick} />
    </Suspense>
  );
  const menu = (trigger: ReactNode) => (
    <ActionMenu
      open={layer === 'menu'}
      onOpenChange={(open) => onLayer(open ? 'menu' : null)}
      label={t('message.actions')}
      actions={actions}
      align={row.mine ? 'end' : 'start'}
      returnFocus={returnFocus}
      trigger={trigger}
      {...(canReact(row) && {
        head: ({ inMenu, leaveFor }) => (
          <ReactionChooser
            inMenu={inMenu}
            mine={mine}
            onPick={pick}
            onMore={() => leaveFor(() => onLayer('all'))}
          />
        ),
      })}
    />
  );
  if (touch)
    return (
      <>
        {menu(null)}
        <Sheet
          open={layer === 'all'}
          onOpenChange={(open) => onLayer(open ? 'all' : null)}
          label={t('message.react')}
        >
          {all}
        </Sheet>
      </>
    );
  return (
    <div
      className={classes(
        'absolute -top-6 z-10 flex animate-fade rounded-full border border-hairline bg-raised p-0.5 shadow-float',
        row.mine ? 'right-full -mr-5' : 'left-full -ml-5',
      )}
    >
      {canReact(row) && (
        <ReactionPopover layer={layer} onLayer={onLayer} returnFocus={returnFocus}>
          {layer === 'all' ? (
            all
          ) : (
            <ReactionChooser inMenu={false} mine={mine} onPick={pick} onMore={() => onLayer('all')} />
          )}
        </ReactionPopover>
      )}
      {names.includes('reply') && (
        <Tool label={t('message.reply')} Icon={Reply} onClick={() => acts.act('reply', row)} />
      )}
      {menu(<Tool label={t('message.actions')} Icon={Ellipsis} />)}
    </div>
  );
}

type ReactionPopoverProps = Omit<Props, 'row'> & { children: ReactNode };

function ReactionPopover({ layer, onLayer, returnFocus, children }: ReactionPopoverProps) {
  const { t } = useTranslation();
  return (
    <Popover.Root
      open={layer === 'quick' || layer === 'all'}
      onOpenChange={(open) => onLayer(open ? 'quick' : null)}
    >
      <Popover.Trigger asChild>
        <Tool label={t('message.react')} Icon={SmilePlus} />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          aria-label={t('message.react')}
          side="top"
          sideOffset={8}
          collisionPadding={12}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            returnFocus();
          }}
          className="z-40 animate-appear overflow-hidden rounded-2xl border border-hairline bg-raised shadow-float"
        >
          {children}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Tool({ label, Icon, ...rest }: ComponentProps<'button'> & { label: string; Icon: LucideIcon }) {
  const tabIndex = useRowStop();
  return (
    <button
      type="button"
      tabIndex={tabIndex}
      aria-label={label}
      title={label}
      // The focus stays where one writes.
      onMouseDown={(event) => event.preventDefault()}
      className="grid size-7.5 place-items-center rounded-full text-muted transition-colors hover:bg-sunken hover:text-ink data-[state=open]:bg-sunken"
      {...rest}
    >
      <Icon className="size-4" aria-hidden="true" />
    </button>
  );
}
