import { useTranslation } from '../../i18n/useTranslation';
import { Outlet, useLocation } from 'react-router';
import { useWide } from '../../ui/useMedia';
import { ConnectionStrip } from '../connection/ConnectionStrip';
import { useAccountLanguage } from '../settings/useLanguage';
import { GoContext, useSteadyGo } from '../../navigation/going';
import { Rail } from './Rail';
import { RailEdge } from './RailEdge';
import { useRailWidth } from './useRailWidth';
import { useVisibleHeight } from '../../ui/useVisibleHeight';

/** The list and a conversation side by side, or one of them where there is no room for both. */
export function Shell() {
  const { t } = useTranslation();
  const wide = useWide();
  const atList = useLocation().pathname === '/';
  const rail = useRailWidth();
  const go = useSteadyGo();
  useVisibleHeight();
  useAccountLanguage();
  return (
    <div className="flex h-(--visible-height,100dvh) flex-col wide:pr-(--lab-width,0rem)">
      <ConnectionStrip />
      <div className="flex min-h-0 flex-1">
        {/* Hidden and not gone: coming back, the list is where it was left. */}
        <div
          role={wide ? 'complementary' : 'main'}
          aria-label={t('rail.label')}
          className="relative h-full shrink-0 bg-rail"
          style={{ width: wide ? rail.width : '100%' }}
          hidden={!wide && !atList}
        >
          <GoContext value={go}>
            <Rail />
          </GoContext>
          {wide && <RailEdge {...rail} />}
        </div>
        {(wide || !atList) && (
          <div className="h-full min-w-0 flex-1">
            <Outlet />
          </div>
        )}
      </div>
    </div>
  );
}
