import type { ComponentProps, MouseEvent } from 'react';
import { useGo } from './going';

type Props = Omit<ComponentProps<'a'>, 'href' | 'target'> & { to: string; state?: unknown };

/** The router's `Link` for rows of which there are many: it is not drawn anew whenever the address changes. */
export function SteadyLink({ to, state, onClick, ...rest }: Props) {
  const go = useGo();
  return (
    <a
      {...rest}
      href={to}
      onClick={(event) => {
        onClick?.(event);
        if (event.defaultPrevented || !isPlain(event)) return;
        event.preventDefault();
        // Where one is already, it adds nothing to go back through.
        go(to, { state, replace: to === window.location.pathname + window.location.search });
      }}
    />
  );
}

/** The browser's own ways of opening a link, in a new tab above all, are left to it. */
const isPlain = ({ button, metaKey, altKey, ctrlKey, shiftKey }: MouseEvent): boolean =>
  button === 0 && !metaKey && !altKey && !ctrlKey && !shiftKey;
