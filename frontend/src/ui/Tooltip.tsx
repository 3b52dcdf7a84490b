import { Tooltip as Radix } from 'radix-ui';
import type { ReactElement } from 'react';

export const TooltipProvider = Radix.Provider;

/** Words for a picture, on hover and focus. */
export function Tooltip({ text, children }: { text: string; children: ReactElement }) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          sideOffset={6}
          collisionPadding={8}
          className="z-50 animate-appear rounded-lg bg-ink px-2.5 py-1 text-xs font-medium text-paper"
        >
          {/* Radix puts the same words beside it, for screen readers. */}
          <span>{text}</span>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
