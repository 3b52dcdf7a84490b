import type { Id } from '@sori/contract';
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { useClient } from '../../session/SocketContext';
import { conversationIdOf } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import { Sheet } from '../../ui/Sheet';
import { useMedia } from '../../ui/useMedia';
import type { Target } from '../conversations/target';
import { HereList } from './HereList';

type HerePane = { open: boolean; toggle: () => void };

const HerePaneContext = createContext<HerePane | null>(null);

/** The list of who is here: whether it is shown, for the button in the header. Null outside of open rooms. */
export const useHerePane = (): HerePane | null => useContext(HerePaneContext);

/** Around a conversation: where it is an open room, who is in it is followed and can be seen beside it. */
export function RoomFrame({ target, children }: { target: Target; children: ReactNode }) {
  const { account } = useClient();
  const conversationId = useAppStore((state) => conversationIdOf(state, target));
  const slug = useAppStore((state) => {
    const conversation = state.conversations[conversationId ?? '']?.conversation;
    return conversation?.kind === 'room' ? conversation.slug : undefined;
  });
  const me = useAppStore((state) => state.me?._id);
  useEffect(
    () =>
      conversationId === null || slug === undefined ? undefined : account()?.rooms.open(conversationId, slug),
    [account, conversationId, slug, me],
  );

  const roomy = useMedia('(min-width: 64rem)');
  /** Where there is no room beside the talk, it lies above it. */
  const beside = useMedia('(min-width: 56rem)');
  const [chosen, setChosen] = useState<boolean | null>(null);
  const open = chosen ?? roomy;
  const pane = useMemo(() => ({ open, toggle: () => setChosen(!open) }), [open]);
  const isRoom = conversationId !== null && slug !== undefined;
  return (
    <HerePaneContext value={isRoom ? pane : null}>
      <div className="flex h-full">
        <div className="h-full min-w-0 flex-1">{children}</div>
        {isRoom && (
          <HereSide conversationId={conversationId} beside={beside} open={open} toggle={pane.toggle} />
        )}
      </div>
    </HerePaneContext>
  );
}

type SideProps = HerePane & { conversationId: Id; beside: boolean };

function HereSide({ conversationId, beside, open, toggle }: SideProps) {
  const { t } = useTranslation();
  if (beside)
    return open ? (
      <aside
        aria-label={t('room.hereTitle')}
        className="h-full w-64 shrink-0 overflow-y-auto border-l border-hairline bg-rail px-2 pb-3"
      >
        <HereList conversationId={conversationId} />
      </aside>
    ) : null;
  return (
    <Sheet open={open} onOpenChange={toggle} label={t('room.hereTitle')}>
      <HereList conversationId={conversationId} />
    </Sheet>
  );
}
