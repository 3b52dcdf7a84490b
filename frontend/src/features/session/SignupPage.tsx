import { toApiError } from '@sori/client';
import { limits } from '@sori/contract';
import { useState } from 'react';
import { useForm, type FieldError } from 'react-hook-form';
import { useTranslation } from '../../i18n/useTranslation';
import { Link, useLocation } from 'react-router';
import { errorText } from '../../i18n/errorText';
import { Button } from '../../ui/Button';
import { Space } from '../../ui/Space';
import { TextField } from '../../ui/TextField';
import { AuthPage } from './AuthPage';
import { fullNameFault, passwordFault, samePassword, usernameFault, type Fault } from './faults';
import { FormAlert } from '../../ui/FormAlert';
import { PasswordField } from './PasswordField';
import { useSession } from './useSession';

type Form = { fullName: string; username: string; password: string; confirmPassword: string };

/** For react-hook-form, which wants true or a message. The message is the fault's name: the words come with the language. */
const check = (fault: Fault | null) => fault ?? true;

export function SignupPage() {
  const { t } = useTranslation();
  const { signUp } = useSession();
  const { state } = useLocation() as { state: unknown };
  const [failure, setFailure] = useState<unknown>(null);
  const [takenUsername, setTakenUsername] = useState('');
  const { register, handleSubmit, setError, getValues, trigger, formState } = useForm<Form>({
    mode: 'onTouched',
    defaultValues: { fullName: '', username: '', password: '', confirmPassword: '' },
  });
  const { errors, isSubmitting, touchedFields } = formState;

  const submit = handleSubmit(async (form) => {
    setFailure(null);
    try {
      await signUp(form);
    } catch (thrown) {
      if (toApiError(thrown).code === 'USERNAME_TAKEN') {
        setTakenUsername(form.username);
        setError('username', { message: 'usernameTaken' satisfies Fault }, { shouldFocus: true });
      } else setFailure(thrown);
    }
  });

  const sentence = (error: FieldError | undefined, { min = 0, max = 0 } = {}) =>
    error && t(`fault.${error.message as Fault}`, { min, max, username: takenUsername });

  return (
    <AuthPage
      welcome={t('signup.welcome')}
      below={
        <>
          <span>{t('signup.hasAccount')}</span>
          <Space />
          <Link to="/login" state={state} className="font-semibold text-jjok hover:underline">
            {t('signup.toLogin')}
          </Link>
        </>
      }
    >
      <form data-testid="signup-form" noValidate onSubmit={submit}>
        <FormAlert text={failure === null ? undefined : errorText(t, failure)} />
        <div className="grid gap-4">
          <TextField
            label={t('field.fullName')}
            hint={t('field.fullNameHint')}
            fault={sentence(errors.fullName, { max: limits.fullNameMax })}
            autoComplete="name"
            autoFocus
            {...register('fullName', { validate: (name) => check(fullNameFault(name)) })}
          />
          <TextField
            label={t('field.username')}
            hint={t('field.usernameHint')}
            fault={sentence(errors.username, { min: limits.usernameMin, max: limits.usernameMax })}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            {...register('username', { validate: (name) => check(usernameFault(name)) })}
          />
          <PasswordField
            label={t('field.password')}
            hint={t('field.passwordHint')}
            fault={sentence(errors.password, {
              min: limits.passwordMinCharacters,
              max: limits.passwordMaxBytes,
            })}
            autoComplete="new-password"
            {...register('password', {
              validate: (password) => check(passwordFault(password)),
              // Not before it was filled in: a complaint about an empty field is early.
              onChange: () => touchedFields.confirmPassword === true && void trigger('confirmPassword'),
            })}
          />
          <PasswordField
            label={t('field.confirmPassword')}
            fault={sentence(errors.confirmPassword)}
            keepsPlace
            autoComplete="new-password"
            {...register('confirmPassword', {
              validate: (again) =>
                check(samePassword(again, getValues('password')) ? null : 'passwordsDiffer'),
            })}
          />
          {/* The press leaves the focus in the field: leaving it checks it, and what that shows could move the button away. */}
          <Button type="submit" disabled={isSubmitting} onMouseDown={(event) => event.preventDefault()}>
            {t(isSubmitting ? 'signup.submitting' : 'signup.submit')}
          </Button>
        </div>
      </form>
    </AuthPage>
  );
}
