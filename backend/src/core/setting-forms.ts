import { z } from 'zod';

/** The forms in which settings are written. */

export const whole = (minimum: number, maximum = Number.MAX_SAFE_INTEGER) =>
  z
    .string()
    // Number() alone would also take "", " 7 ", "0x10" and "1e3".
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, {
      error:
        maximum === Number.MAX_SAFE_INTEGER
          ? `must be at least ${minimum}`
          : `must be from ${minimum} to ${maximum}`,
    });

export const flag = z.enum(['0', '1'], { error: 'must be 0 or 1' }).transform((value) => value === '1');

export const address = (...protocols: string[]) =>
  z.string().refine((value) => protocols.some((protocol) => value.startsWith(`${protocol}://`)), {
    error: `must begin with ${protocols.map((protocol) => `${protocol}://`).join(' or ')}`,
  });

function originOf(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { origin, pathname, search, hash } = new URL(text);
  return origin !== 'null' && pathname === '/' && search === '' && hash === '' ? origin : null;
}

export const origins = z.string().transform((value, context) => {
  const parts = value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const found = parts.map(originOf);
  const wrong = parts.find((_, index) => found[index] === null);
  if (wrong !== undefined) {
    context.addIssue({
      code: 'custom',
      message: `has "${wrong}", which is not an origin like https://chat.example.org`,
    });
  }
  return found.filter((origin) => origin !== null);
});

export const hosts = z.string().transform((value, context) => {
  const parts = value
    .split(',')
    .map((part) => part.trim().toLowerCase())
    .filter((part) => part !== '');
  const wrong = parts.find(
    (part) =>
      !URL.canParse(`http://${part}`) || new URL(`http://${part}/`).pathname !== '/' || /[/?#@]/.test(part),
  );
  if (wrong !== undefined) {
    context.addIssue({
      code: 'custom',
      message: `has "${wrong}", which is not a host like chat.example.org`,
    });
  }
  return parts;
});
