import type { ReactNode } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { ActionMenu } from '../../ui/ActionMenu';
import type { Target } from '../conversations/target';
import { useConversationActions } from '../conversations/useConversationActions';
import type { ConversationRow } from '../conversations/conversationRows';

type Props = {
  row: ConversationRow;
  target: Target;
  /** Whether the conversation is the one on the page. */
  isOpen: boolean;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  trigger: ReactNode;
  returnFocus: () => void;
};

/** Reading and muting, for a conversation as a whole, where it stands in a list. */
export function ConversationMenu({ row, target, isOpen, ...menu }: Props) {
  const { t } = useTranslation();
  const actions = useConversationActions(row, target, isOpen);
  return <ActionMenu {...menu} label={t('row.menu', { name: row.name })} actions={actions} />;
}
