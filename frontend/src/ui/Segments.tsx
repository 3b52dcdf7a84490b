import { RadioGroup } from 'radix-ui';

type Props<Value extends string> = {
  label: string;
  value: Value;
  choices: readonly { value: Value; name: string; lang?: string }[];
  onChoose: (value: Value) => void;
};

/** One of a few, side by side. */
export function Segments<Value extends string>({ label, value, choices, onChoose }: Props<Value>) {
  return (
    <div>
      <p className="mb-1.5 font-semibold" aria-hidden="true">
        {label}
      </p>
      <RadioGroup.Root
        aria-label={label}
        value={value}
        onValueChange={(next) => onChoose(next as Value)}
        className="flex rounded-xl bg-sunken p-1"
      >
        {choices.map((choice) => (
          <RadioGroup.Item
            key={choice.value}
            value={choice.value}
            lang={choice.lang}
            className="h-9 min-w-0 flex-1 truncate rounded-lg px-2 text-sm text-muted transition-colors hover:text-ink data-[state=checked]:bg-chosen data-[state=checked]:font-semibold data-[state=checked]:text-ink max-wide:h-11"
          >
            {choice.name}
          </RadioGroup.Item>
        ))}
      </RadioGroup.Root>
    </div>
  );
}
