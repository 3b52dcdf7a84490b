import type { ReactNode } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { ActionMenu, type Action } from '../../ui/ActionMenu';
import type { Target } from './target';
import { useConversationActions } from './useConversationActions';
import type { ConversationRow } from './useConversations';

type Props = {
  row: ConversationRow;
  target: Target;
  /** Whether the conversation is the one on the page. */
  isOpen: boolean;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  trigger: ReactNode;
  returnFocus?: () => void;
  /** What can be done besides. */
  more?: readonly Action[];
};

/** Reading and muting, for a conversation as a whole. */
export function ConversationMenu({ row, target, isOpen, more = [], ...menu }: Props) {
  const { t } = useTranslation();
  const actions = useConversationActions(row, target, isOpen);
  return <ActionMenu {...menu} label={t('row.menu', { name: row.name })} actions={[...actions, ...more]} />;
}
