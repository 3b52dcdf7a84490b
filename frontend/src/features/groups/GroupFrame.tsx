import type { Id } from '@sori/contract';
import { X } from 'lucide-react';
import {
  createContext,
  useCallback,
  useContext,
  useMemo,
  useRef,
  useState,
  type ReactNode,
  type RefCallback,
} from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { conversationIdOf } from '../../store/state';
import { useAppStore } from '../../session/useAppStore';
import { IconButton } from '../../ui/IconButton';
import { Sheet } from '../../ui/Sheet';
import { useMedia } from '../../ui/useMedia';
import type { Target } from '../conversations/target';
import { GroupDetails } from './GroupDetails';

export type DetailsPane = {
  open: boolean;
  toggle: () => void;
  /** The button that opened it, where the focus goes back to. */
  isButton: RefCallback<HTMLButtonElement>;
};

const DetailsContext = createContext<DetailsPane | null>(null);

/** The details of the group: whether they are shown, for the button in the header. Null outside of groups. */
export const useDetailsPane = (): DetailsPane | null => useContext(DetailsContext);

/** Around a conversation: where it is a group, who is in it and what holds there can be seen beside it. */
export function GroupFrame({ target, children }: { target: Target; children: ReactNode }) {
  const groupId = useAppStore((state) => {
    const id = conversationIdOf(state, target);
    return id !== null && state.conversations[id]?.conversation.kind === 'group' ? id : null;
  });
  /** Where there is no room beside the talk, they lie above it. */
  const beside = useMedia('(min-width: 60rem)');
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const isButton = useCallback<RefCallback<HTMLButtonElement>>((element) => {
    button.current = element;
  }, []);
  const pane = useMemo(() => ({ open, toggle: () => setOpen(!open), isButton }), [open, isButton]);
  return (
    <DetailsContext value={groupId === null ? null : pane}>
      <div className="flex h-full">
        <div className="h-full min-w-0 flex-1">{children}</div>
        {groupId !== null && (
          <Side
            groupId={groupId}
            beside={beside}
            open={open}
            onClose={() => {
              setOpen(false);
              button.current?.focus();
            }}
          />
        )}
      </div>
    </DetailsContext>
  );
}

type SideProps = { groupId: Id; beside: boolean; open: boolean; onClose: () => void };

function Side({ groupId, beside, open, onClose }: SideProps) {
  const { t } = useTranslation();
  if (!beside)
    return (
      <Sheet
        open={open}
        onOpenChange={(isOpen) => {
          if (!isOpen) onClose();
        }}
        label={t('group.details')}
      >
        <GroupDetails groupId={groupId} />
      </Sheet>
    );
  if (!open) return null;
  return (
    <aside
      aria-label={t('group.details')}
      className="h-full w-80 shrink-0 overflow-y-auto overscroll-contain border-l border-hairline bg-rail px-3 pb-4"
    >
      <div className="flex h-15 items-center gap-2 pl-2">
        <h2 className="flex-1 font-semibold">{t('group.details')}</h2>
        <IconButton label={t('dialog.close')} onClick={onClose}>
          <X className="size-4.5" />
        </IconButton>
      </div>
      <GroupDetails groupId={groupId} />
    </aside>
  );
}
