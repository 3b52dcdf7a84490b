import type { Conversation, Id, Person } from '@sori/contract';
import { useState } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { useComplain } from '../../i18n/useComplain';
import { useClient } from '../../session/SocketContext';
import { Button } from '../../ui/Button';
import { DialogBox } from '../../ui/DialogBox';
import { PeoplePicker } from './PeoplePicker';

type Props = {
  group: Conversation;
  /** Those who are in it. */
  without: ReadonlySet<Id>;
  open: boolean;
  onClose: () => void;
  returnFocus: () => void;
};

/** More people for the group: they are in it at once. */
export function AddPeopleDialog({ group, without, open, onClose, returnFocus }: Props) {
  const { t } = useTranslation();
  return (
    <DialogBox open={open} onClose={onClose} title={t('group.addTitle')} returnFocus={returnFocus}>
      <Form group={group} without={without} onClose={onClose} />
    </DialogBox>
  );
}

function Form({ group, without, onClose }: Pick<Props, 'group' | 'without' | 'onClose'>) {
  const { t } = useTranslation();
  const complain = useComplain();
  const { api, account } = useClient();
  const [chosen, setChosen] = useState<readonly Person[]>([]);
  const [adding, setAdding] = useState(false);

  const add = async () => {
    if (chosen.length === 0 || adding) return;
    setAdding(true);
    try {
      const userIds = chosen.map(({ _id }) => _id);
      account()?.conversationReceived(await api.addMembers(group._id, userIds));
      onClose();
    } catch (thrown) {
      complain(thrown);
      setAdding(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <PeoplePicker chosen={chosen} onChosen={setChosen} without={without} />
      <div className="mt-4 flex justify-end gap-2 max-wide:*:flex-1">
        <Button look="quiet" small onClick={onClose}>
          {t('dialog.cancel')}
        </Button>
        <Button type="submit" small disabled={adding || chosen.length === 0}>
          {t(adding ? 'group.addSubmitting' : 'group.addSubmit')}
        </Button>
      </div>
    </form>
  );
}
