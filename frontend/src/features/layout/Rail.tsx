import { memo, useRef, useState } from 'react';
import { useLocation } from 'react-router';
import { useTranslation } from '../../i18n/useTranslation';
import { Mark } from '../../ui/Mark';
import { useBackCloses } from '../../navigation/useBackCloses';
import { useWide } from '../../ui/useMedia';
import { ConversationList } from '../conversation-list/ConversationList';
import { ReadAll } from '../conversation-list/ReadAll';
import { LabButton } from '../lab/LabButton';
import { PeopleResults } from '../search/PeopleResults';
import { PeopleSearch } from '../search/PeopleSearch';
import { SessionMenu } from './SessionMenu';
import { NewMenu } from './NewMenu';

/** Who I am, who there is, and what I talk about with them. The same whatever is open beside it. */
export const Rail = memo(function Rail() {
  const { t } = useTranslation();
  // Alone on the screen, the list is the page, and this its heading.
  const Name = useWide() ? 'p' : 'h1';
  const [query, setQuery] = useState('');
  /** Enter was pressed: open the first one found, as soon as there is one. */
  const [wantsFirst, setWantsFirst] = useState(false);
  const list = useRef<HTMLDivElement>(null);

  const searchFor = (next: string) => {
    setQuery(next);
    setWantsFirst(false);
  };
  return (
    <div className="flex h-full flex-col">
      <div className="flex h-15 shrink-0 items-center gap-2 px-4">
        <Mark className="size-7 text-jjok" />
        <Name className="mr-auto text-lg font-bold tracking-tight">{t('app.name')}</Name>
        <LabButton />
        <ReadAll />
        <NewMenu />
        <SessionMenu />
      </div>
      <PeopleSearch
        query={query}
        onQuery={searchFor}
        onEnter={() => setWantsFirst(true)}
        onDown={() => list.current?.querySelector<HTMLElement>('a')?.focus()}
      />
      {query.trim() !== '' && <ClosedByBack onClose={() => searchFor('')} />}
      <div ref={list} className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-2 pb-3">
        {query.trim() === '' ? (
          <ConversationList />
        ) : (
          <PeopleResults query={query} openFirst={wantsFirst} onOpen={() => searchFor('')} />
        )}
      </div>
    </div>
  );
});

/** Alone on the screen, what was found lies above the list. Not in `Rail`, which the address does not draw anew. */
function ClosedByBack({ onClose }: { onClose: () => void }) {
  const wide = useWide();
  const atList = useLocation().pathname === '/';
  useBackCloses(!wide && atList, onClose);
  return null;
}
