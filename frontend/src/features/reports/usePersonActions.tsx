import type { Id } from '@sori/contract';
import { CircleOff, Flag } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import type { Action } from '../../ui/ActionMenu';
import { ConfirmDialog } from '../../ui/ConfirmDialog';
import { useComplain } from '../../i18n/useComplain';
import { useBlock } from '../block/useBlock';
import { ReportDialog } from './ReportDialog';

type Somebody = { _id: Id; name: string };

/** Blocking and reporting somebody, as actions of a menu, with the dialogs that they open. */
export function usePersonActions(
  person: Somebody | null,
  returnFocus: () => void,
): { actions: Action[]; dialogs: ReactNode } {
  const { t } = useTranslation();
  const complain = useComplain();
  const { isBlocked, block, unblock } = useBlock(person);
  const [blocking, setBlocking] = useState<Somebody | null>(null);
  const [reporting, setReporting] = useState<Somebody | null>(null);
  if (person === null) return { actions: [], dialogs: null };

  const actions: Action[] = [
    {
      key: 'report',
      Icon: Flag,
      label: t('report.person'),
      apart: true,
      movesFocus: true,
      run: () => setReporting(person),
    },
    isBlocked
      ? {
          key: 'unblock',
          Icon: CircleOff,
          label: t('block.unblock'),
          run: () => void unblock().catch(complain),
        }
      : {
          key: 'block',
          Icon: CircleOff,
          label: t('block.block'),
          danger: true,
          movesFocus: true,
          run: () => setBlocking(person),
        },
  ];
  const dialogs = (
    <>
      <ConfirmDialog
        what={blocking}
        title={({ name }) => t('block.confirmTitle', { name })}
        hint={() => t('block.confirmHint')}
        action={() => t('block.confirm')}
        onCancel={() => setBlocking(null)}
        onConfirm={() => {
          setBlocking(null);
          block().catch(complain);
        }}
        returnFocus={returnFocus}
      />
      <ReportDialog
        about={reporting === null ? null : { userId: reporting._id, name: reporting.name }}
        onClose={() => setReporting(null)}
        returnFocus={returnFocus}
      />
    </>
  );
  return { actions, dialogs };
}
