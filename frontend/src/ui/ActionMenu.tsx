import type { LucideIcon } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useRef, type ReactNode } from 'react';
import { useBackCloses } from '../navigation/useBackCloses';
import { classes } from './classes';
import { Sheet } from './Sheet';
import { useTouch } from './useMedia';

export type Action = {
  key: string;
  Icon: LucideIcon;
  label: string;
  danger?: boolean;
  /** A hairline above it. */
  apart?: boolean;
  /** It takes the focus with it: then it begins when the menu is gone, and the focus does not go back. */
  movesFocus?: boolean;
  run: () => void;
};

type Props = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  label: string;
  actions: readonly Action[];
  /**
   * Stands above the actions. In the menu its parts must be menu items. `leaveFor` closes all of it first, for what takes
   * the focus.
   */
  head?: (parts: { inMenu: boolean; leaveFor: (run: () => void) => void }) => ReactNode;
  /** Where the menu hangs. A finger needs none: its sheet stands at the lower edge. */
  trigger: ReactNode;
  align?: 'start' | 'end';
  /** Where the focus goes back to, where that is not the trigger. */
  returnFocus?: () => void;
};

/** What can be done with something: a menu beside it for mouse and keyboard, a sheet for fingers. */
export function ActionMenu(props: Props) {
  return useTouch() ? <ActionSheet {...props} /> : <ActionDropdown {...props} />;
}

const useLater = (returnFocus: Props['returnFocus']) => {
  const later = useRef<(() => void) | null>(null);
  return {
    wait: (run: () => void) => {
      later.current = run;
    },
    choose: ({ run, movesFocus = false }: Action) => {
      if (movesFocus) later.current = run;
      else run();
    },
    onClosed: (event: Event) => {
      const run = later.current ?? returnFocus;
      later.current = null;
      if (run === undefined) return;
      event.preventDefault();
      run();
    },
  };
};

function ActionDropdown({ open, onOpenChange, label, actions, head, trigger, align, returnFocus }: Props) {
  const { choose, wait, onClosed } = useLater(returnFocus);
  useBackCloses(open, () => onOpenChange(false));
  return (
    <DropdownMenu.Root open={open} onOpenChange={onOpenChange} modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          aria-label={label}
          align={align ?? 'end'}
          sideOffset={6}
          collisionPadding={12}
          onCloseAutoFocus={onClosed}
          className="z-40 max-w-[min(24rem,calc(100vw-1.5rem))] min-w-52 animate-appear rounded-2xl border border-hairline bg-raised p-1.5 shadow-float"
        >
          {head?.({ inMenu: true, leaveFor: wait })}
          {actions.map((action) => (
            <DropdownMenu.Item
              key={action.key}
              onSelect={() => choose(action)}
              className={classes(look(action), 'data-highlighted:bg-sunken')}
            >
              <Look action={action} />
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function ActionSheet({ open, onOpenChange, label, actions, head, trigger, returnFocus }: Props) {
  const { choose, wait, onClosed } = useLater(returnFocus);
  const close = () => onOpenChange(false);
  return (
    <>
      {trigger}
      <Sheet open={open} onOpenChange={onOpenChange} label={label} onClosed={onClosed}>
        {head?.({
          inMenu: false,
          leaveFor: (run) => {
            wait(run);
            close();
          },
        })}
        {actions.map((action) => (
          <button
            key={action.key}
            type="button"
            onClick={() => {
              choose(action);
              close();
            }}
            className={classes(look(action), 'w-full text-left active:bg-sunken')}
          >
            <Look action={action} />
          </button>
        ))}
      </Sheet>
    </>
  );
}

const look = ({ danger, apart }: Action): string =>
  classes(
    'flex min-h-9 items-center gap-3 rounded-lg px-2.5 outline-none max-wide:min-h-12',
    danger === true && 'text-persimmon-text',
    apart === true &&
      'relative mt-3 first:mt-0 first:before:hidden before:absolute before:inset-x-1 before:-top-1.5 before:h-px before:bg-hairline',
  );

function Look({ action: { Icon, label, danger } }: { action: Action }) {
  return (
    <>
      <Icon
        className={classes('size-4 shrink-0 max-wide:size-5', danger !== true && 'text-muted')}
        aria-hidden="true"
      />
      <span className="min-w-0 wrap-anywhere">{label}</span>
    </>
  );
}
