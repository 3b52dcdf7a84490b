import { Dialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { useBackCloses } from '../navigation/useBackCloses';

type Props = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** For screen readers: what one sees says it already. */
  label: string;
  /** Called when it is gone and the focus is free. Without it, the focus goes back to where it was. */
  onClosed?: (event: Event) => void;
  children: ReactNode;
};

/** What a finger opens: it rises from the lower edge, within the thumb's reach. */
export function Sheet({ open, onOpenChange, label, onClosed, children }: Props) {
  useBackCloses(open, () => onOpenChange(false));
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-30 animate-fade bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          onCloseAutoFocus={onClosed}
          // The first thing in it is what the finger is on: a focus there would only draw a ring around it.
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            (event.currentTarget as HTMLElement).focus();
          }}
          className="fixed inset-x-0 bottom-0 z-40 mx-auto max-h-[85dvh] max-w-120 animate-lift overflow-y-auto overscroll-contain rounded-t-3xl bg-raised px-3 pt-2 pb-[max(0.75rem,env(safe-area-inset-bottom))] shadow-float outline-none"
        >
          <Dialog.Title className="sr-only">{label}</Dialog.Title>
          <span aria-hidden="true" className="mx-auto mb-2 block h-1 w-9 rounded-full bg-press" />
          {children}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
