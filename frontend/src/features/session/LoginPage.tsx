import { toApiError } from '@sori/client';
import type { Login } from '@sori/contract';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { useTranslation } from '../../i18n/useTranslation';
import { Link, useLocation } from 'react-router';
import { errorText } from '../../i18n/errorText';
import { useAppStore } from '../../session/useAppStore';
import { Button } from '../../ui/Button';
import { Space } from '../../ui/Space';
import { TextField } from '../../ui/TextField';
import { AuthPage } from './AuthPage';
import { cameFrom } from './cameFrom';
import { FormAlert } from '../../ui/FormAlert';
import { PasswordField } from './PasswordField';
import { useSession } from './useSession';

export function LoginPage() {
  const { t } = useTranslation();
  const { logIn } = useSession();
  const { state } = useLocation() as { state: unknown };
  const [failure, setFailure] = useState<unknown>(null);
  const { register, handleSubmit, setFocus, formState } = useForm<Login>({
    defaultValues: { username: '', password: '' },
  });
  const { errors, isSubmitting, isSubmitted } = formState;
  const suspended = useAppStore((store) => store.suspended);
  const ended = cameFrom(state).sessionEnded && !isSubmitted;

  const endedBy = suspended ? 'refused.suspended' : 'session.ended';

  const submit = handleSubmit(async (login) => {
    setFailure(null);
    try {
      await logIn(login);
    } catch (thrown) {
      setFailure(thrown);
      if (toApiError(thrown).code === 'INVALID_CREDENTIALS') setFocus('password', { shouldSelect: true });
    }
  });

  return (
    <AuthPage
      welcome={t('login.welcome')}
      below={
        <>
          <span>{t('login.noAccount')}</span>
          <Space />
          <Link to="/signup" state={state} className="font-semibold text-jjok hover:underline">
            {t('login.toSignup')}
          </Link>
        </>
      }
    >
      <form data-testid="login-form" noValidate onSubmit={submit}>
        <FormAlert text={failure !== null ? errorText(t, failure) : ended ? t(endedBy) : undefined} />
        <div className="grid gap-4">
          <TextField
            label={t('field.username')}
            fault={errors.username && t('fault.required')}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus
            {...register('username', { required: true })}
          />
          <PasswordField
            label={t('field.password')}
            fault={errors.password && t('fault.required')}
            autoComplete="current-password"
            {...register('password', { required: true })}
          />
          <Button type="submit" disabled={isSubmitting} className="mt-2">
            {t(isSubmitting ? 'login.submitting' : 'login.submit')}
          </Button>
        </div>
      </form>
    </AuthPage>
  );
}
