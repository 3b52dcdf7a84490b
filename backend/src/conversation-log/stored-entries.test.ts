import { Types } from 'mongoose';
import type { EntryRow } from './entries.model.js';
import { createStoredEntries } from './stored-entries.js';

const entry = { conversationId: new Types.ObjectId(), seq: 7, kind: 'message' } as unknown as EntryRow;

it('reaches every subscriber in the order of the list, with the target', () => {
  const seen: unknown[] = [];
  const { subscribe, publish } = createStoredEntries({ error: jest.fn() });
  subscribe({ name: 'first', stored: (...args) => void seen.push(['first', ...args]) });
  subscribe({ name: 'second', stored: (...args) => void seen.push(['second', ...args]) });
  const target = { seq: 3 } as never;
  publish(entry, target);
  expect(seen).toEqual([
    ['first', entry, target],
    ['second', entry, target],
  ]);
});

it('reaches the subscribers behind one that fails, and the send succeeds; the log says which one failed', () => {
  const error = jest.fn();
  const seen: EntryRow[] = [];
  const { subscribe, publish } = createStoredEntries({ error });
  subscribe(
    {
      name: 'broken',
      stored: () => {
        throw new TypeError('what somebody wrote');
      },
    },
    { name: 'sound', stored: (one) => void seen.push(one) },
  );
  publish(entry);
  expect(seen).toEqual([entry]);
  const [[details]] = error.mock.calls as [[object]];
  expect(details).toEqual({
    conversationId: entry.conversationId.toHexString(),
    seq: 7,
    subscriber: 'broken',
    reason: 'TypeError',
  });
});
