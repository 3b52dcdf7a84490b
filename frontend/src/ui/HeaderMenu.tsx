import { Ellipsis } from 'lucide-react';
import { useState, type RefObject } from 'react';
import { ActionMenu, type Action } from './ActionMenu';
import { IconButton } from './IconButton';

type Props = {
  label: string;
  actions: readonly Action[];
  /** The dots, for what an action opens and hands the focus back from. */
  button: RefObject<HTMLButtonElement | null>;
};

/** The dots at the end of a header, with what can be done with the whole that it names. */
export function HeaderMenu({ label, actions, button }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <ActionMenu
      open={open}
      onOpenChange={setOpen}
      label={label}
      actions={actions}
      returnFocus={() => button.current?.focus()}
      trigger={
        <IconButton ref={button} label={label} className="-mr-2" onClick={() => setOpen(true)}>
          <Ellipsis className="size-5" />
        </IconButton>
      }
    />
  );
}
