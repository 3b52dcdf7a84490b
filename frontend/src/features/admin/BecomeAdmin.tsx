import { useState } from 'react';
import { toApiError } from '@sori/client';
import { useTranslation } from '../../i18n/useTranslation';
import { toast } from 'sonner';
import { errorText } from '../../i18n/errorText';
import { useClient } from '../../session/SocketContext';
import { Button } from '../../ui/Button';
import { TextField } from '../../ui/TextField';

/** The first admin's way in: the one-time code that the server showed. */
export function BecomeAdmin() {
  const { t } = useTranslation();
  const { api, store } = useClient();
  const [code, setCode] = useState('');
  const [fault, setFault] = useState<string>();
  const [sending, setSending] = useState(false);

  const submit = async () => {
    setSending(true);
    try {
      await api.becomeAdmin(code.trim());
      store.getState().adminReceived(true);
      toast(t('admin.nowAdmin'));
    } catch (thrown) {
      // Whether there is still a code to be had is nobody's business: a wrong one and a used one are answered alike.
      const { code: why } = toApiError(thrown);
      const isWrong = why === 'FORBIDDEN' || why === 'NOT_FOUND' || why === 'INVALID' || why === 'REFUSED';
      setFault(isWrong ? t('admin.codeWrong') : errorText(t, thrown));
    } finally {
      setSending(false);
    }
  };
  return (
    <form
      data-testid="become-admin"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (code.trim() !== '' && !sending) void submit();
      }}
    >
      <h3 className="font-semibold">{t('admin.become')}</h3>
      <p className="mt-0.5 mb-3 text-sm text-muted">{t('admin.becomeHint')}</p>
      <div className="flex items-end gap-2">
        <TextField
          className="min-w-0 flex-1"
          label={t('admin.code')}
          name="adminCode"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={code}
          fault={fault}
          onChange={(event) => {
            setFault(undefined);
            setCode(event.target.value);
          }}
        />
        <Button look="quiet" type="submit" disabled={sending} className={fault === undefined ? '' : 'mb-6'}>
          {t('admin.codeUse')}
        </Button>
      </div>
    </form>
  );
}
