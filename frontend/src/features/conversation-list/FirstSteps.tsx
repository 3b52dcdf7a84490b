import { ChevronRight, Copy, NotebookPen, Sofa, UserRoundPlus, type LucideIcon } from 'lucide-react';
import { useTranslation } from '../../i18n/useTranslation';
import { Button } from '../../ui/Button';
import { useCopy } from '../../ui/useCopy';
import { isLoopback } from './loopback';
import { SteadyLink } from '../../navigation/SteadyLink';
import { useSession } from '../session/useSession';

/** For whoever is alone here: bring others in, look into the lobby, write to oneself. */
export function FirstSteps() {
  const { t } = useTranslation();
  const { me } = useSession();
  const copy = useCopy();
  const { origin, hostname } = window.location;
  if (me === null) return null;
  return (
    <section data-testid="first-steps" aria-label={t('first.title')} className="grid animate-rise gap-1 pt-1">
      <div className="mx-1 mb-1 rounded-2xl border border-hairline bg-raised p-4">
        <h2 className="flex items-center gap-2 font-semibold">
          <UserRoundPlus className="size-4.5 shrink-0 text-jjok" aria-hidden="true" />
          <span>{t('first.invite')}</span>
        </h2>
        <p className="mt-1 text-sm text-muted">
          {isLoopback(hostname) ? t('first.inviteHere', { hostname }) : t('first.inviteHint')}
        </p>
        <p
          translate="no"
          data-testid="invitation"
          className="mt-3 rounded-lg bg-sunken px-3 py-2 text-sm font-medium wrap-anywhere select-all"
        >
          {origin}
        </p>
        <Button small className="mt-3 w-full" onClick={() => copy(origin, t('first.copied'))}>
          <Copy className="size-4" aria-hidden="true" />
          <span>{t('first.copy')}</span>
        </Button>
      </div>
      <Step to="/open/lobby" Icon={Sofa} title={t('first.lobby')} hint={t('first.lobbyHint')} />
      <Step to={`/u/${me._id}`} Icon={NotebookPen} title={t('first.self')} hint={t('first.selfHint')} />
    </section>
  );
}

type StepProps = { to: string; Icon: LucideIcon; title: string; hint: string };

function Step({ to, Icon, title, hint }: StepProps) {
  return (
    <SteadyLink
      to={to}
      state={{ fromList: true }}
      className="flex items-center gap-3 rounded-xl px-2 py-2.5 transition-colors hover:bg-hover active:bg-press"
    >
      <span className="grid size-10 shrink-0 place-items-center rounded-full bg-jjok-soft text-jjok">
        <Icon className="size-5" aria-hidden="true" />
      </span>
      <span className="min-w-0 flex-1">
        <span className="block font-semibold">{title}</span>
        <span className="block text-sm text-muted">{hint}</span>
      </span>
      <ChevronRight className="size-4 shrink-0 text-faint" aria-hidden="true" />
    </SteadyLink>
  );
}
