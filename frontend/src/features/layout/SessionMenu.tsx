import { LogOut, Settings, ShieldCheck } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from '../../i18n/useTranslation';
import { toast } from 'sonner';
import { languageNames, languages } from '../../i18n';
import { errorText } from '../../i18n/errorText';
import { useAppStore } from '../../session/useAppStore';
import { Avatar } from '../../ui/Avatar';
import { Menu, MenuChoice, MenuItem, MenuLine } from '../../ui/Menu';
import { useGo } from '../../navigation/going';
import { SettingsDialog } from '../settings/SettingsDialog';
import { useLanguage } from '../settings/useLanguage';
import { whileLeaving } from '../session/leaving';
import { useSession } from '../session/useSession';

/** Who I am here, and the ways to what I chose. The language is at hand: who is lost in one cannot find it in a dialog. */
export function SessionMenu() {
  const { t } = useTranslation();
  const { me, logOut } = useSession();
  const { language, speak } = useLanguage();
  const go = useGo();
  const admin = useAppStore((state) => state.admin);
  const [settingsOpen, setSettingsOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  if (me === null) return null;

  const leave = () => {
    whileLeaving(logOut).catch((thrown: unknown) => toast.error(errorText(t, thrown)));
  };

  return (
    <>
      <Menu
        trigger={
          <button
            ref={button}
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
              <bdi translate="no">{me.fullName}</bdi>
            </p>
            <p className="truncate text-sm text-muted">
              <bdi translate="no">{`@${me.username}`}</bdi>
            </p>
          </div>
        </div>
        <MenuLine />
        <MenuChoice
          label={t('session.language')}
          value={language}
          choices={languages.map((value) => ({ value, name: languageNames[value], lang: value }))}
          onChoose={speak}
        />
        <MenuLine />
        <MenuItem icon={<Settings className="size-4" />} onSelect={() => setSettingsOpen(true)}>
          {t('settings.open')}
        </MenuItem>
        {admin === true && (
          <MenuItem
            icon={<ShieldCheck className="size-4" />}
            onSelect={() => go('/admin', { state: { fromList: true } })}
          >
            {t('admin.open')}
          </MenuItem>
        )}
        <MenuItem icon={<LogOut className="size-4" />} onSelect={leave}>
          {t('session.logout')}
        </MenuItem>
      </Menu>
      <SettingsDialog
        open={settingsOpen}
        onClose={() => setSettingsOpen(false)}
        returnFocus={() => button.current?.focus()}
      />
    </>
  );
}
