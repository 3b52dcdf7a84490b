import { LogOut } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { toast } from 'sonner';
import { chooseLanguage, currentLanguage, languageNames, languages } from '../../i18n';
import { errorText } from '../../i18n/errorText';
import { Avatar } from '../../ui/Avatar';
import { Menu, MenuChoice, MenuItem, MenuLine } from '../../ui/Menu';
import { chooseTheme, themes, useTheme } from '../../ui/theme';
import { whileLeaving } from './leaving';
import { useSession } from './useSession';

const themeNames = {
  system: 'session.themeSystem',
  light: 'session.themeLight',
  dark: 'session.themeDark',
} as const;

/** Who I am here, and what I chose: language, appearance, leaving. */
export function SessionMenu() {
  const { t } = useTranslation();
  const { me, logOut } = useSession();
  const theme = useTheme();
  if (me === null) return null;

  const leave = () => {
    whileLeaving(logOut).catch((thrown: unknown) => toast.error(errorText(t, thrown)));
  };

  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label={t('session.menu')}
          title={t('session.menu')}
          className="-m-1.5 shrink-0 rounded-full p-1.5"
        >
          <Avatar name={me.fullName} src={me.profilePic} className="size-8" />
        </button>
      }
    >
      <div className="flex items-center gap-3 px-2.5 py-2">
        <Avatar name={me.fullName} src={me.profilePic} className="size-10" />
        <div className="min-w-0">
          <p className="truncate font-semibold">
            <bdi>{me.fullName}</bdi>
          </p>
          <p className="truncate text-sm text-muted">
            <bdi>@{me.username}</bdi>
          </p>
        </div>
      </div>
      <MenuLine />
      <MenuChoice
        label={t('session.language')}
        value={currentLanguage()}
        choices={languages.map((language) => ({
          value: language,
          name: languageNames[language],
          lang: language,
        }))}
        onChoose={chooseLanguage}
      />
      <MenuLine />
      <MenuChoice
        label={t('session.theme')}
        value={theme}
        choices={themes.map((value) => ({ value, name: t(themeNames[value]) }))}
        onChoose={chooseTheme}
      />
      <MenuLine />
      <MenuItem icon={<LogOut className="size-4" />} onSelect={leave}>
        {t('session.logout')}
      </MenuItem>
    </Menu>
  );
}
