import { Eye, EyeOff } from 'lucide-react';
import { useState, type ComponentProps } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { IconButton } from '../../ui/IconButton';
import { TextField } from '../../ui/TextField';

/** A password that can be looked at: who sees it needs fewer tries. */
export function PasswordField(props: Omit<ComponentProps<typeof TextField>, 'type' | 'trailing'>) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  return (
    <TextField
      type={shown ? 'text' : 'password'}
      autoCapitalize="none"
      spellCheck={false}
      trailing={
        <IconButton
          label={t(shown ? 'field.hidePassword' : 'field.showPassword')}
          aria-pressed={shown}
          onClick={() => setShown(!shown)}
        >
          {shown ? <EyeOff className="size-4.5" /> : <Eye className="size-4.5" />}
        </IconButton>
      }
      {...props}
    />
  );
}
