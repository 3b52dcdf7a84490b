import { useSyncExternalStore, type ReactNode } from 'react';
import { Router } from 'react-router';
import { BackContext } from './useBackCloses';
import { createPageHistory } from './pageHistory';

/** One for the page, as long as it is there: it listens to the browser's. */
const history = createPageHistory(window);

/** The router's own `BrowserRouter`, with a history that also knows what Back closes. */
export function PageRouter({ children }: { children: ReactNode }) {
  const location = useSyncExternalStore(history.subscribe, history.location);
  return (
    <BackContext value={history.opened}>
      {/* What was pressed is shown in the next frame. As a transition, React would draw it in pieces, with frames in between. */}
      <Router location={location} navigator={history} useTransitions={false}>
        {children}
      </Router>
    </BackContext>
  );
}
