import { type Logger, pino } from 'pino';

/**
 * A log of which every line is kept. Without what the real one hides: a secret that only its list of names takes out again was
 * handed to it all the same.
 */
export function keptLog(level = 'debug'): { log: Logger; logged: string[] } {
  const logged: string[] = [];
  return { log: pino({ level }, { write: (line: string) => void logged.push(line) }), logged };
}
