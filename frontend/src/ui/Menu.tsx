import { Check } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useState, type ReactNode } from 'react';
import { useBackCloses } from '../navigation/useBackCloses';

const item =
  'flex min-h-9 items-center gap-2.5 rounded-lg px-2.5 outline-none data-highlighted:bg-sunken max-wide:min-h-11';

type MenuProps = { trigger: ReactNode; children: ReactNode };

export function Menu({ trigger, children }: MenuProps) {
  const [open, setOpen] = useState(false);
  useBackCloses(open, () => setOpen(false));
  return (
    // Not modal: what lies around it would be hidden from screen readers, and could still be reached by the Tab key.
    <DropdownMenu.Root open={open} onOpenChange={setOpen} modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={8}
          collisionPadding={12}
          className="z-40 min-w-60 animate-appear rounded-2xl border border-hairline bg-raised p-1.5 shadow-float"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

export function MenuItem({
  icon,
  onSelect,
  children,
}: {
  icon: ReactNode;
  onSelect: () => void;
  children: ReactNode;
}) {
  return (
    <DropdownMenu.Item className={item} onSelect={onSelect}>
      <span className="text-muted">{icon}</span>
      <span>{children}</span>
    </DropdownMenu.Item>
  );
}

type ChoiceProps<Value extends string> = {
  label: string;
  value: Value;
  choices: readonly { value: Value; name: string; lang?: string }[];
  onChoose: (value: Value) => void;
};

/** One of a few. The menu stays open: one sees what the choice does. */
export function MenuChoice<Value extends string>({ label, value, choices, onChoose }: ChoiceProps<Value>) {
  return (
    <DropdownMenu.RadioGroup aria-label={label} value={value}>
      <DropdownMenu.Label className="px-2.5 pt-1.5 pb-1 text-xs font-semibold text-muted">
        {label}
      </DropdownMenu.Label>
      {choices.map((choice) => (
        <DropdownMenu.RadioItem
          key={choice.value}
          value={choice.value}
          lang={choice.lang}
          className={item}
          onSelect={(event) => {
            event.preventDefault();
            onChoose(choice.value);
          }}
        >
          <span className="grid size-4 place-items-center text-jjok">
            <DropdownMenu.ItemIndicator>
              <Check className="size-4" strokeWidth={2.5} />
            </DropdownMenu.ItemIndicator>
          </span>
          <span>{choice.name}</span>
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  );
}

export const MenuLine = () => <DropdownMenu.Separator className="my-1.5 h-px bg-hairline" />;
