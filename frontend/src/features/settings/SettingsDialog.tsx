import type { SettingsChange } from '@sori/contract';
import { useTranslation } from '../../i18n/useTranslation';
import { languageNames, languages } from '../../i18n';
import { useComplain } from '../../i18n/useComplain';
import { useAppStore } from '../../session/useAppStore';
import { DialogBox } from '../../ui/DialogBox';
import { Segments } from '../../ui/Segments';
import { Switch } from '../../ui/Switch';
import { chooseTheme, themes, useTheme } from '../../ui/theme';
import { BecomeAdmin } from '../admin/BecomeAdmin';
import { BlockedPeople } from '../block/BlockedPeople';
import { useLanguage } from './useLanguage';
import { useSettings } from './useSettings';

const themeNames = {
  system: 'session.themeSystem',
  light: 'session.themeLight',
  dark: 'session.themeDark',
} as const;

type Props = { open: boolean; onClose: () => void; returnFocus: () => void };

/** What one chose: for all one's devices what others see, for this one how it looks. */
export function SettingsDialog(props: Props) {
  const { t } = useTranslation();
  const { settings, change } = useSettings();
  const complain = useComplain();
  const { language, speak } = useLanguage();
  const theme = useTheme();
  const admin = useAppStore((state) => state.admin);

  const save = (changed: SettingsChange) => void change(changed).catch(complain);
  return (
    <DialogBox {...props} title={t('settings.title')}>
      <div className="grid grid-cols-1 gap-5">
        <Segments
          label={t('session.language')}
          value={language}
          choices={languages.map((value) => ({ value, name: languageNames[value], lang: value }))}
          onChoose={speak}
        />
        <Segments
          label={t('session.theme')}
          value={theme}
          choices={themes.map((value) => ({ value, name: t(themeNames[value]) }))}
          onChoose={chooseTheme}
        />
        <div className="grid grid-cols-1 gap-2 border-t border-hairline pt-4">
          <Switch
            label={t('settings.receipts')}
            hint={t('settings.receiptsHint')}
            checked={settings?.receipts ?? true}
            disabled={settings === null}
            onChange={(receipts) => save({ receipts })}
          />
          <Switch
            label={t('settings.typing')}
            hint={t('settings.typingHint')}
            checked={settings?.typing ?? true}
            disabled={settings === null}
            onChange={(typing) => save({ typing })}
          />
          <p className="text-sm text-muted">{t('settings.everywhere')}</p>
        </div>
        <div className="border-t border-hairline pt-4">
          <BlockedPeople />
        </div>
        {admin === false && (
          <div className="border-t border-hairline pt-4">
            <BecomeAdmin />
          </div>
        )}
      </div>
    </DialogBox>
  );
}
