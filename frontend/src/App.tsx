import { Route, Routes } from 'react-router';
import { Toaster } from 'sonner';
import { AdminPane } from './features/admin/AdminPane';
import { ConversationPane } from './features/layout/ConversationPane';
import { NotFoundPage } from './ui/NotFoundPage';
import { useFilesElsewhere } from './features/layout/useFilesElsewhere';
import { Shell } from './features/layout/Shell';
import { WelcomePane } from './features/layout/WelcomePane';
import { useSoundUnlock } from './features/notifications/useSoundUnlock';
import { LoginPage } from './features/session/LoginPage';
import { RoomPane } from './features/rooms/RoomPane';
import { SignedIn, SignedOut } from './features/layout/doors';
import { SignupPage } from './features/session/SignupPage';
import { PageRouter } from './navigation/PageRouter';
import { useTheme } from './ui/theme';
import { useMedia } from './ui/useMedia';
import { TooltipProvider } from './ui/Tooltip';

export function App() {
  useSoundUnlock();
  useFilesElsewhere();
  const theme = useTheme();
  // Told `system`, the toasts would ask the browser themselves, and break where it cannot say.
  const isDark = useMedia('(prefers-color-scheme: dark)');
  return (
    <TooltipProvider delayDuration={400}>
      <PageRouter>
        <Routes>
          <Route element={<SignedOut />}>
            <Route path="/login" element={<LoginPage />} />
            <Route path="/signup" element={<SignupPage />} />
          </Route>
          <Route element={<SignedIn />}>
            <Route element={<Shell />}>
              <Route index element={<WelcomePane />} />
              {/* One element for both: when the first message makes the conversation and the address changes, the composer stays. */}
              <Route path="/c/:conversationId" element={<ConversationPane />} />
              <Route path="/u/:userId" element={<ConversationPane />} />
              <Route path="/open/:slug" element={<RoomPane />} />
              <Route path="/admin" element={<AdminPane />} />
            </Route>
          </Route>
          <Route path="*" element={<NotFoundPage />} />
        </Routes>
      </PageRouter>
      <Toaster
        theme={theme === 'system' ? (isDark ? 'dark' : 'light') : theme}
        position="top-center"
        toastOptions={{
          className: '!rounded-2xl !border-hairline !bg-raised !font-sans !text-sm !text-ink !shadow-float',
        }}
      />
    </TooltipProvider>
  );
}
