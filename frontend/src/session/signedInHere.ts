import { Person } from '@sori/contract';
import { parsedJson } from '../device/json';
import { deviceTexts } from '../device/keptTexts';

/**
 * Who was signed in here last. It opens nothing: it lets the page show what this device keeps, and take messages into
 * the outbox, while the server cannot be asked. The server decides as soon as it is heard.
 */
const memoryKey = 'sori:me';

export const rememberedMe = (): Person | null => {
  const parsed = Person.safeParse(parsedJson(deviceTexts.read(memoryKey)));
  return parsed.success ? parsed.data : null;
};

export const rememberMe = (me: Person): void => {
  deviceTexts.write(memoryKey, JSON.stringify(me));
};

export const forgetMe = (): void => deviceTexts.remove(memoryKey);
