import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { Crash } from './features/layout/Crash';
import { languageOfThisVisit, startTranslations } from './i18n';
import { keepShell } from './offline/keepShell';
import { createClient } from './session/client';
import { SocketContext } from './session/SocketContext';
import './styles/index.css';

startTranslations(languageOfThisVisit());

// Outside React: messages arrive whatever happens to be mounted.
const client = createClient();
client.start();
// While developing, files change by the second.
if (import.meta.env.PROD) keepShell();

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <Crash>
      <SocketContext value={client}>
        <App />
      </SocketContext>
    </Crash>
  </StrictMode>,
);
