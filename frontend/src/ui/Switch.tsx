import { Switch as Radix } from 'radix-ui';
import { useId } from 'react';

type Props = {
  label: string;
  hint: string;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
};

/** Something that is on or off, with what that means. The whole line can be pressed. */
export function Switch({ label, hint, checked, disabled = false, onChange }: Props) {
  const id = useId();
  return (
    <div className="flex items-center gap-4">
      <label htmlFor={id} className="min-w-0 flex-1 py-1.5">
        <span className="block font-semibold">{label}</span>
        <span id={`${id}-hint`} className="mt-0.5 block text-sm text-muted">
          {hint}
        </span>
      </label>
      <Radix.Root
        id={id}
        aria-describedby={`${id}-hint`}
        checked={checked}
        disabled={disabled}
        onCheckedChange={onChange}
        className="h-7 w-12 shrink-0 rounded-full bg-outline/70 p-0.5 transition-colors disabled:opacity-60 data-[state=checked]:bg-jjok"
      >
        <Radix.Thumb className="block size-6 rounded-full bg-raised transition-transform data-[state=checked]:translate-x-5 data-[state=checked]:bg-on-jjok" />
      </Radix.Root>
    </div>
  );
}
