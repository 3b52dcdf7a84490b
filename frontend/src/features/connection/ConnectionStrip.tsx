import { CloudOff, RefreshCw } from 'lucide-react';
import { useTranslation } from '../../i18n/useTranslation';
import { useAppStore } from '../../session/useAppStore';
import type { State } from '../../store/state';
import { classes } from '../../ui/classes';
import { OutdatedStrip } from './OutdatedStrip';
import { useConnection } from './useConnection';

/**
 * How the connection to the server is, above everything. A hairline while all is well; it opens only when the trouble
 * lasts longer than a moment, so that a reconnect does not make the page jump.
 */
export function ConnectionStrip() {
  const { t } = useTranslation();
  const state = useConnection();
  const online = state === 'online';
  // Only while something may have to wait here: with a connection it goes out at once, and nobody need know.
  const isLost = useAppStore(({ unkept }) => isTextLost(unkept)) && !online;
  // Of a large file nobody knows how long it takes: that is said also with a connection.
  const isFileLost = useAppStore(({ unkept }) => unkept.has('files'));
  return (
    <>
      <OutdatedStrip />
      <div
        data-testid="connection"
        data-state={state}
        role="status"
        className={classes(
          'shrink-0 overflow-hidden text-muted transition-[max-height]',
          online ? '-mb-px h-px max-h-px' : 'max-h-24 min-h-px bg-sunken delay-700',
        )}
      >
        <p
          className={classes(
            'flex items-center justify-center gap-2 px-4 py-1.5 text-center text-sm font-medium',
            online && 'sr-only',
          )}
        >
          {state === 'offline' && <CloudOff className="size-4 shrink-0" aria-hidden="true" />}
          {state === 'connecting' && (
            <RefreshCw className="size-3.5 shrink-0 animate-spin" aria-hidden="true" />
          )}
          <span>{t(`connection.${state}`)}</span>
        </p>
        {isLost && <p className="px-4 pb-1.5 text-center text-sm">{t('connection.unkept')}</p>}
      </div>
      {isFileLost && (
        <p role="status" className="shrink-0 bg-sunken px-4 py-1.5 text-center text-sm text-muted">
          {t('connection.unkeptFiles')}
        </p>
      )}
    </>
  );
}

const isTextLost = (unkept: State['unkept']): boolean => unkept.size > (unkept.has('files') ? 1 : 0);
