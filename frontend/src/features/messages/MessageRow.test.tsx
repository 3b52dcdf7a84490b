import '@testing-library/jest-dom';
import { alice, between, bob, said } from '@sori/client/testing';
import type { Message } from '@sori/contract';
import { act, fireEvent, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { startTranslations } from '../../i18n';
import { TooltipProvider } from '../../ui/Tooltip';
import { actionsFor } from './messageActions';
import { MessageRow } from './MessageRow';
import { buildRows } from './rows';
import { ThreadActsContext, type ThreadActs } from './ThreadActs';

jest.mock('../../session/useAppStore', () => ({
  useAppStore: (select: (state: unknown) => unknown) =>
    select({ me: alice, people: { [alice._id]: alice, [bob._id]: bob }, rooms: {}, blocked: new Set() }),
}));
jest.mock('./useQuote', () => ({ useQuote: () => quote }));

let touch = false;
let quote: { state: string; message: Message | null } = { state: 'none', message: null };
let done: unknown[][] = [];
const received =
  (what: string) =>
  (...given: unknown[]) => {
    done.push([what, ...given]);
  };

beforeAll(() => {
  startTranslations('en');
  window.matchMedia = ((query: string) => ({
    matches: touch && query.includes('coarse'),
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  })) as unknown as typeof window.matchMedia;
});
beforeEach(() => {
  touch = false;
  done = [];
  quote = { state: 'none', message: null };
});

const show = (message: Message) => {
  const row = buildRows({
    messages: [message],
    hasNewer: false,
    hasOlder: false,
    outbox: [],
    me: alice._id,
    people: { [alice._id]: alice, [bob._id]: bob },
    members: between().members,
    dividerAfter: null,
    changes: {},
    receipts: true,
  })[0];
  if (row === undefined) throw new Error('A message has a row');
  const acts: ThreadActs = {
    actionsFor: (one) => actionsFor(one, between(), alice._id),
    act: (action) => received(action)(),
    react: (_row, emoji) => received('react')(emoji),
    goToMessage: received('goToMessage'),
    retry: received('retry'),
    discard: received('discard'),
    discardFile: received('discardFile'),
    view: received('view'),
    toComposer: received('toComposer'),
  };
  render(
    <TooltipProvider>
      <ThreadActsContext value={acts}>
        <MessageRow
          row={row}
          target={{ conversationId: 'c' }}
          showAuthor={false}
          showStatus
          shaking={false}
          onShaken={() => undefined}
          marked={false}
          isStop
          isReached
          onReached={() => undefined}
        />
      </ThreadActsContext>
    </TooltipProvider>,
  );
  return screen.getByTestId('message');
};

describe('somebody with a keyboard', () => {
  it('hears whose message it is, when it was said, and what', () => {
    const row = show(said(1));
    expect(row).toHaveAccessibleName(/^Bob, \d/);
    expect(row).toHaveAccessibleDescription(said(1).message);
  });

  it('comes to the message with Tab, opens its menu with Enter, and reacts', async () => {
    const row = show(said(1));
    await userEvent.tab();
    expect(row).toHaveFocus();
    await userEvent.keyboard('{Enter}');
    await userEvent.click(screen.getByRole('menuitemcheckbox', { name: 'React with ❤️' }));
    expect(done).toEqual([['react', '❤️']]);
  });

  it('answers it, once the menu is gone', async () => {
    show(said(1));
    await userEvent.tab();
    await userEvent.keyboard('{Enter}');
    await userEvent.click(screen.getByRole('menuitem', { name: 'Reply' }));
    await waitFor(() => expect(done).toEqual([['reply']]));
    expect(screen.queryByRole('menu')).not.toBeInTheDocument();
  });

  it('gets the focus back on the message when Esc closes the menu', async () => {
    const row = show(said(1));
    await userEvent.tab();
    await userEvent.keyboard('{Enter}');
    expect(screen.getByRole('menu')).toBeInTheDocument();
    await userEvent.keyboard('{Escape}');
    await waitFor(() => expect(row).toHaveFocus());
    await userEvent.keyboard('{Escape}');
    expect(done).toEqual([['toComposer']]);
  });
});

describe('somebody with a finger', () => {
  const hold = async (ms: number) => {
    const text = screen.getByText('said 1');
    const finger = userEvent.setup({ pointerEventsCheck: 0 });
    await finger.pointer({ keys: '[TouchA>]', target: text });
    await act(() => new Promise((after) => setTimeout(after, ms)));
    await finger.pointer({ keys: '[/TouchA]', target: text });
  };
  beforeEach(() => {
    touch = true;
  });

  it('lets it rest on the message and gets everything in a sheet', async () => {
    show(said(1));
    await hold(500);
    expect(screen.getByRole('dialog', { name: 'Message actions' })).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Copy text' }));
    expect(done).toEqual([['copy']]);
  });

  it('only taps, and nothing opens', async () => {
    show(said(1));
    await hold(50);
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  });
});

describe('what one sees of a message', () => {
  it('is who reacted, one’s own reactions pressed, and a press takes one back', async () => {
    show(
      said(1, bob, {
        reactions: [
          { emoji: '👍', count: 2, userIds: [alice._id, bob._id] },
          { emoji: '🎉', count: 1, userIds: [bob._id] },
        ],
      }),
    );
    const own = screen.getByRole('button', { name: '👍: you, Bob' });
    expect(own).toHaveAttribute('aria-pressed', 'true');
    expect(own).toHaveTextContent('2');
    expect(screen.getByRole('button', { name: '🎉: Bob' })).toHaveAttribute('aria-pressed', 'false');
    await userEvent.click(own);
    expect(done).toEqual([['react', '👍']]);
  });

  it('is how many reacted, and the names of some, where they are very many', () => {
    const strangers = Array.from({ length: 49 }, (_, index) => `stranger ${index}`);
    show(
      said(1, bob, {
        reactions: [{ emoji: '👍', count: 3_000, userIds: [bob._id, ...strangers, alice._id] }],
      }),
    );
    const button = screen.getByRole('button', { name: /^👍: Bob, .* and 2988 others$/ });
    expect(button).toHaveTextContent('3000');
    expect(button).toHaveAttribute('aria-pressed', 'true');
  });

  it('is that it was deleted, without words, reactions or anything to do', async () => {
    show(said(1, bob, { message: '', deletedAt: said(2).createdAt }));
    expect(screen.getByText('This message was deleted')).toBeInTheDocument();
    await userEvent.tab();
    await userEvent.keyboard('{Enter}');
    expect(screen.queryByRole('menu')).not.toBeInTheDocument();
  });

  it('is what it answers to, and the way there', async () => {
    quote = { state: 'ready', message: said(7, alice, { message: 'the question' }) };
    show(said(9, bob, { replyTo: said(7)._id }));
    await userEvent.click(screen.getByRole('button', { name: 'In reply to your message: the question' }));
    expect(done).toEqual([['goToMessage', said(7)._id]]);
  });

  it('is that what it answers to was deleted, with no way there', () => {
    quote = { state: 'ready', message: said(7, alice, { message: '', deletedAt: said(8).createdAt }) };
    show(said(9, bob, { replyTo: said(7)._id }));
    expect(screen.getByRole('button', { name: 'The original message was deleted' })).toBeDisabled();
  });

  it('is how far one’s own came, in words', () => {
    const row = show(said(1, alice));
    expect(row).toHaveAttribute('data-status', 'sent');
    expect(screen.getByRole('img', { name: 'Sent' })).toBeInTheDocument();
  });
});

test('the End key is not used up by a message, which would know no further than to the last one that is loaded', () => {
  const row = show(said(1));
  row.parentElement?.setAttribute('data-virtuoso-scroller', 'true');
  row.focus();
  expect(fireEvent.keyDown(row, { key: 'Home' })).toBe(false);
  expect(fireEvent.keyDown(row, { key: 'End' })).toBe(true);
});
