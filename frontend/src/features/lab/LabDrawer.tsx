import { Plug, Unplug, VolumeX, X } from 'lucide-react';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { createPortal } from 'react-dom';
import { useTranslation } from '../../i18n/useTranslation';
import { useClient } from '../../session/SocketContext';
import { useBackCloses } from '../../navigation/useBackCloses';
import { useWide } from '../../ui/useMedia';
import { classes } from '../../ui/classes';
import { IconButton } from '../../ui/IconButton';
import { useConnection } from '../connection/useConnection';
import { installLabConnection } from './install';
import type { LabConnectionState } from './labConnection';
import { LabState } from './LabState';
import { Part } from './Part';

const modes = [
  { mode: 'open', Icon: Plug },
  { mode: 'cut', Icon: Unplug },
  { mode: 'silent', Icon: VolumeX },
] as const satisfies readonly { mode: LabConnectionState['mode']; Icon: typeof Plug }[];

/** Breaks the connection of this page, and shows what the page makes of it; where there is room, beside it. */
export function LabDrawer({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const client = useClient();
  const [lab] = useState(() => installLabConnection(client));
  const state = useSyncExternalStore(lab.subscribe, lab.state);
  const counts = useSyncExternalStore(lab.subscribe, lab.counts);
  const connection = useConnection();
  // Where it lies beside the page, it is a part of it.
  useBackCloses(!useWide(), onClose);
  useEffect(() => {
    const escape = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented) onClose();
    };
    document.addEventListener('keydown', escape);
    return () => document.removeEventListener('keydown', escape);
  }, [onClose]);
  useEffect(() => {
    document.documentElement.style.setProperty('--lab-width', '21.25rem');
    return () => {
      document.documentElement.style.removeProperty('--lab-width');
    };
  }, []);

  return createPortal(
    <aside
      aria-label={t('lab.title')}
      className="fixed inset-y-0 right-0 z-20 flex w-(--lab-width,21.25rem) max-w-full animate-fade flex-col overflow-y-auto overscroll-contain border-l border-hairline bg-raised shadow-float"
    >
      <header className="flex h-15 shrink-0 items-center gap-2 border-b border-hairline pr-2 pl-5">
        <h2 className="flex-1 font-bold tracking-tight">{t('lab.title')}</h2>
        <span
          className={classes(
            'rounded-full px-2.5 py-0.5 text-xs font-semibold',
            connection === 'online' ? 'bg-jjok-soft text-jjok' : 'bg-persimmon-soft text-persimmon-text',
          )}
        >
          {t(`lab.${connection}`)}
        </span>
        <IconButton label={t('dialog.close')} onClick={onClose}>
          <X className="size-4.5" />
        </IconButton>
      </header>
      <div className="grid gap-6 p-5">
        <Part title={t('lab.connection')}>
          <div role="group" aria-label={t('lab.connection')} className="grid grid-cols-3 gap-1.5">
            {modes.map(({ mode, Icon }) => (
              <button
                key={mode}
                type="button"
                aria-pressed={state.mode === mode}
                onClick={() => lab.set({ mode })}
                className="grid justify-items-center gap-1 rounded-xl border border-hairline px-2 py-2.5 text-sm text-muted transition-colors hover:border-outline aria-pressed:border-jjok aria-pressed:bg-jjok-soft aria-pressed:font-semibold aria-pressed:text-jjok"
              >
                <Icon className="size-4.5" aria-hidden="true" />
                <span>{t(`lab.${mode}`)}</span>
              </button>
            ))}
          </div>
          <p className="text-sm text-muted">{t(`lab.${state.mode}Hint`)}</p>
        </Part>
        <Part title={t('lab.conditions')}>
          <Range
            label={t('lab.delay')}
            shown={t('lab.ms', { value: state.delayMs })}
            value={state.delayMs}
            max={5_000}
            step={100}
            onChange={(delayMs) => lab.set({ delayMs })}
          />
          <Range
            label={t('lab.drop')}
            shown={`${state.dropPercent} %`}
            value={state.dropPercent}
            max={100}
            step={5}
            onChange={(dropPercent) => lab.set({ dropPercent })}
          />
          <p className="tabular text-sm text-muted">{t('lab.counts', counts)}</p>
        </Part>
        <LabState />
      </div>
    </aside>,
    document.body,
  );
}

type RangeProps = {
  label: string;
  shown: string;
  value: number;
  max: number;
  step: number;
  onChange: (value: number) => void;
};

function Range({ label, shown, value, max, step, onChange }: RangeProps) {
  return (
    <label className="grid gap-1">
      <span className="flex justify-between">
        <span>{label}</span>
        <output className="tabular font-semibold">{shown}</output>
      </span>
      <input
        type="range"
        min={0}
        max={max}
        step={step}
        value={value}
        onChange={(event) => onChange(Number(event.target.value))}
        className="h-6 w-full accent-jjok max-wide:h-11"
      />
    </label>
  );
}
