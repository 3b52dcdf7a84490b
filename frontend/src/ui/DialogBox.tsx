import { X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { useBackCloses } from '../navigation/useBackCloses';
import { useTranslation } from '../i18n/useTranslation';
import { IconButton } from './IconButton';

type Props = {
  open: boolean;
  onClose: () => void;
  title: string;
  hint?: string;
  /** Where the focus goes when it has closed; without it, to whatever had it before. */
  returnFocus?: (() => void) | undefined;
  children: ReactNode;
};

/** A few things to see or decide before going on. On a narrow screen it stands at the lower edge. */
export function DialogBox({ open, onClose, title, hint, returnFocus, children }: Props) {
  const { t } = useTranslation();
  useBackCloses(open, onClose);
  return (
    <Dialog.Root
      open={open}
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose();
      }}
    >
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-30 animate-fade bg-scrim" />
        <div className="pointer-events-none fixed inset-0 z-40 grid grid-cols-1 items-end justify-items-center wide:place-items-center wide:p-6">
          <Dialog.Content
            {...(hint === undefined && { 'aria-describedby': undefined })}
            onCloseAutoFocus={(event) => {
              if (returnFocus === undefined) return;
              event.preventDefault();
              returnFocus();
            }}
            // The dialog itself: a ring around its close button would be the first thing one sees.
            onOpenAutoFocus={(event) => {
              event.preventDefault();
              (event.currentTarget as HTMLElement).focus();
            }}
            className="pointer-events-auto max-h-[92dvh] w-full animate-lift overflow-y-auto overscroll-contain rounded-t-3xl border border-hairline bg-raised p-5 pb-[max(1.25rem,env(safe-area-inset-bottom))] shadow-float outline-none wide:max-w-105 wide:animate-appear wide:rounded-3xl wide:p-6"
          >
            <div className="mb-4 flex items-start gap-3">
              <div className="min-w-0 flex-1 wrap-anywhere">
                <Dialog.Title className="text-lg font-bold tracking-tight">{title}</Dialog.Title>
                {hint !== undefined && (
                  <Dialog.Description className="mt-1 text-muted">{hint}</Dialog.Description>
                )}
              </div>
              <Dialog.Close asChild>
                <IconButton label={t('dialog.close')} className="-mt-1.5 -mr-2">
                  <X className="size-4.5" />
                </IconButton>
              </Dialog.Close>
            </div>
            {children}
          </Dialog.Content>
        </div>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
