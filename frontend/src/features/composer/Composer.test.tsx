import '@testing-library/jest-dom';
import { act, fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { alice, bob, said } from '@sori/client/testing';
import type { Message } from '@sori/contract';
import { useState } from 'react';
import { startTranslations } from '../../i18n';
import type { Edit } from '../../store/state';
import { Composer } from './Composer';
import type { SendOutcome } from './useSend';
import type { ThreadRow } from '../messages/threadRow';

// What the hooks keep in the store, kept in the test.
let sent: string[] = [];
let draft = '';
let redraw = () => undefined as unknown;
let redrawEdit = () => undefined as unknown;
let edit: Edit | null = null;
let replyTo: string | null = null;
let lastOwn: ThreadRow | undefined;
let edited: string[] = [];
let removed: { _id: string; message: string }[] = [];
let typed: jest.Mock = jest.fn();

jest.mock('./useDraft', () => ({
  useDraft: () => {
    const [, set] = useState(0);
    redraw = () => set((times) => times + 1);
    return {
      text: draft,
      replyTo,
      setText: (text: string) => {
        draft = text;
        redraw();
      },
      setReplyTo: (next: string | null) => {
        replyTo = next;
        redraw();
      },
    };
  },
}));
jest.mock('./useChosenFiles', () => ({
  useChosenFiles: () => ({
    files: [],
    mayAdd: true,
    add: () => undefined,
    remove: () => undefined,
    move: () => undefined,
    clear: () => undefined,
  }),
}));
jest.mock('./useTyping', () => ({
  useTyping: () => ({
    people: [],
    iAmTyping: () => {
      typed('typing');
    },
    iStopped: () => {
      typed('stopped');
    },
  }),
}));
jest.mock('./useMentionCompletion', () => ({
  useMentionCompletion: () => ({
    options: [],
    active: 0,
    look: () => undefined,
    move: () => undefined,
    close: () => undefined,
    take: () => null,
  }),
}));
jest.mock('./useEdit', () => ({
  useEdit: () => {
    const [, set] = useState(0);
    redrawEdit = () => set((times) => times + 1);
    const put = (next: Edit | null) => {
      edit = next;
      redrawEdit();
    };
    return {
      edit,
      begin: ({ message, text }: ThreadRow) => put({ messageId: message?._id ?? '', text, before: text }),
      setText: (text: string) => put(edit && { ...edit, text }),
      follow: (said: string) => put(edit && { ...edit, text: said, before: said }),
      end: () => put(null),
    };
  },
}));
jest.mock('../messages/useQuote', () => ({
  useQuote: (_target: unknown, messageId: string) => ({
    state: 'ready',
    message: messageId === lastOwn?.message?._id ? lastOwn.message : said(1, bob),
  }),
}));
jest.mock('../../session/useAppStore', () => ({
  useAppStore: (select: (state: unknown) => unknown) =>
    select({
      me: alice,
      people: { [bob._id]: bob },
      blocked: new Set(),
      directs: {},
      changes: {},
      outbox: {},
      connection: 'online',
    }),
}));
jest.mock('../messages/useMessageActions', () => ({
  hasFiles: ({ attachments = [] }: Partial<Message>) => attachments.length > 0,
  useMessageActions: () => ({
    edit: (_message: Message, text: string) => {
      edited.push(text);
      return Promise.resolve();
    },
  }),
}));
jest.mock('./useSend', () => ({
  useSend: () => ({
    sendDraft: (): SendOutcome => {
      const text = draft.trim();
      if (text === '') return 'empty';
      if (Array.from(text).length > 8_000) return 'tooLong';
      sent.push(text);
      draft = '';
      redraw();
      return 'queued';
    },
  }),
}));

let touch = false;
beforeAll(() => {
  startTranslations('en');
  window.matchMedia = ((query: string) => ({
    matches: touch && query.includes('coarse'),
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  })) as unknown as typeof window.matchMedia;
});
beforeEach(() => {
  sent = [];
  draft = '';
  replyTo = null;
  edit = null;
  lastOwn = undefined;
  edited = [];
  removed = [];
  typed = jest.fn();
  touch = false;
});

const open = () => {
  const onSent = jest.fn();
  const nothing = () => undefined;
  render(
    <Composer
      target={{ conversationId: 'c' }}
      name="Minji"
      toSelf={false}
      onSent={onSent}
      lastOwn={() => lastOwn}
      onRemove={(message) => removed.push(message)}
      onEscape={nothing}
    />,
  );
  return { box: screen.getByTestId<HTMLTextAreaElement>('composer'), onSent };
};

/** As a browser tells it: the text box already holds the syllable that is still being put together. */
const compose = (box: HTMLTextAreaElement, text: string) => {
  fireEvent.compositionStart(box);
  fireEvent.compositionUpdate(box, { data: text });
  fireEvent.input(box, { target: { value: box.value + text }, isComposing: true });
};
const enterWhileComposing = (box: HTMLTextAreaElement) =>
  fireEvent.keyDown(box, { key: 'Enter', code: 'Enter', keyCode: 229, isComposing: true });
const plainEnter = (box: HTMLTextAreaElement) =>
  fireEvent.keyDown(box, { key: 'Enter', code: 'Enter', keyCode: 13 });
const endComposition = (box: HTMLTextAreaElement, data: string) => fireEvent.compositionEnd(box, { data });
const nextTask = () => act(() => new Promise((done) => setTimeout(done)));

describe('somebody who writes', () => {
  it('sends with Enter, and the box is empty again', async () => {
    const { box, onSent } = open();
    await userEvent.type(box, 'hello{Enter}');
    expect(sent).toEqual(['hello']);
    expect(box).toHaveValue('');
    expect(box).toHaveFocus();
    expect(onSent).toHaveBeenCalledTimes(1);
  });

  it('sends once, however often Enter repeats', async () => {
    const { box } = open();
    await userEvent.type(box, 'hello');
    plainEnter(box);
    fireEvent.keyDown(box, { key: 'Enter', code: 'Enter', keyCode: 13, repeat: true });
    plainEnter(box);
    expect(sent).toEqual(['hello']);
    expect(box).toHaveValue('');
  });

  it('sends once, however often the button is clicked before the page is drawn again', () => {
    const { box } = open();
    redraw = () => undefined;
    fireEvent.input(box, { target: { value: 'hello' } });
    for (let times = 0; times < 3; times += 1) fireEvent.click(screen.getByTestId('send'));
    expect(sent).toEqual(['hello']);
    expect(box).toHaveValue('');
  });

  it('makes a new line with Shift+Enter', async () => {
    const { box } = open();
    await userEvent.type(box, 'one{Shift>}{Enter}{/Shift}two');
    expect(sent).toEqual([]);
    expect(box).toHaveValue('one\ntwo');
  });

  it('makes a new line with Enter on a phone, and sends with the button', async () => {
    touch = true;
    const { box } = open();
    await userEvent.type(box, 'one{Enter}two');
    expect(sent).toEqual([]);
    await userEvent.click(screen.getByTestId('send'));
    expect(sent).toEqual(['one\ntwo']);
  });

  it('sees how much room is left, and keeps a text that is too long', async () => {
    const { box } = open();
    fireEvent.change(box, { target: { value: 'ㄱ'.repeat(7_990) } });
    expect(screen.getByText('10 characters left')).toBeInTheDocument();
    fireEvent.change(box, { target: { value: '😀'.repeat(8_001) } });
    expect(screen.getByText('1 character too many')).toBeInTheDocument();
    await userEvent.click(screen.getByTestId('send'));
    expect(sent).toEqual([]);
    expect(box.value).toHaveLength(16_002);
  });
});

describe('somebody who writes Korean', () => {
  it('sends the whole text with one Enter where the key is told once', async () => {
    const { box } = open();
    fireEvent.input(box, { target: { value: '안녕하세' } });
    compose(box, '요');
    enterWhileComposing(box);
    expect(sent).toEqual([]);
    endComposition(box, '요');
    await nextTask();
    expect(sent).toEqual(['안녕하세요']);
    expect(box).toHaveValue('');
  });

  it('sends it once where a plain Enter follows', async () => {
    const { box } = open();
    fireEvent.input(box, { target: { value: '안녕하세' } });
    compose(box, '요');
    enterWhileComposing(box);
    endComposition(box, '요');
    plainEnter(box);
    await nextTask();
    plainEnter(box);
    expect(sent).toEqual(['안녕하세요']);
    expect(box).toHaveValue('');
  });

  it('gets no new line from the Enter that sent', () => {
    const { box } = open();
    compose(box, '네');
    enterWhileComposing(box);
    endComposition(box, '네');
    const lineBreak = new InputEvent('beforeinput', { inputType: 'insertLineBreak', cancelable: true });
    box.dispatchEvent(lineBreak);
    expect(lineBreak.defaultPrevented).toBe(true);
  });

  it('does not double the last syllable with Ctrl+Enter', async () => {
    const { box } = open();
    compose(box, '네');
    fireEvent.keyDown(box, { key: 'Enter', code: 'Enter', keyCode: 229, isComposing: true, ctrlKey: true });
    endComposition(box, '네');
    plainEnter(box);
    await nextTask();
    expect(sent).toEqual(['네']);
  });

  it.each([
    ['at the end of the composition', false],
    ['and updates the composition with it first', true],
  ])('does not send with the Enter that picks Hanja %s, the next one does', async (_, updates) => {
    const { box } = open();
    compose(box, '한');
    enterWhileComposing(box);
    if (updates) fireEvent.compositionUpdate(box, { data: '韓' });
    fireEvent.input(box, { target: { value: '韓' }, isComposing: true });
    endComposition(box, '韓');
    // Some systems tell a plain Enter behind it.
    plainEnter(box);
    await nextTask();
    expect(sent).toEqual([]);
    expect(box).toHaveValue('韓');
    plainEnter(box);
    expect(sent).toEqual(['韓']);
  });

  it('keeps the syllable when the page renders again in the middle of it', () => {
    const { box } = open();
    compose(box, '하');
    // The draft is told anew from elsewhere, say from another tab.
    draft = '';
    act(() => void redraw());
    expect(box).toHaveValue('하');
  });
});

describe('somebody who writes Japanese', () => {
  it('picks a candidate with Enter, and sends with the next one', async () => {
    const { box } = open();
    compose(box, '日本');
    enterWhileComposing(box);
    endComposition(box, '日本');
    await nextTask();
    expect(sent).toEqual([]);
    plainEnter(box);
    expect(sent).toEqual(['日本']);
  });

  it('does not send where the composition ends before the key is told', async () => {
    const { box } = open();
    compose(box, '日本');
    endComposition(box, '日本');
    fireEvent.keyDown(box, { key: 'Enter', code: 'Enter', keyCode: 229 });
    await nextTask();
    expect(sent).toEqual([]);
    expect(box).toHaveValue('日本');
  });
});

const own = (seq: number, text: string): ThreadRow => ({
  key: String(seq),
  seq,
  clientId: null,
  mine: true,
  senderId: alice._id,
  sender: alice,
  senderName: null,
  text,
  attachments: [],
  at: said(seq).createdAt,
  status: 'sent',
  error: null,
  message: said(seq, alice, { message: text }),
  changing: false,
  replyTo: null,
  waitingAbove: 0,
  noticesAbove: [],
  noticesBelow: [],
  day: null,
  unreadDivider: false,
  startsGroup: true,
  endsGroup: true,
});

describe('somebody who mends what they said', () => {
  const arrowUp = async () => {
    const { box } = open();
    await userEvent.click(box);
    await userEvent.keyboard('{ArrowUp}');
    return screen.getByTestId<HTMLTextAreaElement>('composer');
  };
  beforeEach(() => {
    lastOwn = own(3, 'helo');
  });

  it('gets their last message with the arrow key, and Enter saves it', async () => {
    const box = await arrowUp();
    expect(box).toHaveValue('helo');
    expect(box).toHaveFocus();
    await userEvent.keyboard('{Backspace}lo{Enter}');
    expect(edited).toEqual(['hello']);
    expect(sent).toEqual([]);
    expect(screen.getByTestId('composer')).toHaveValue('');
  });

  it('keeps the draft where there is one: then the arrow key moves in the text', async () => {
    draft = 'something else';
    expect(await arrowUp()).toHaveValue('something else');
  });

  it('leaves it as it was with Esc', async () => {
    await arrowUp();
    await userEvent.keyboard('xyz{Escape}');
    expect(edited).toEqual([]);
    expect(screen.getByTestId('composer')).toHaveFocus();
    expect(screen.getByTestId('composer')).toHaveValue('');
  });

  it('is asked about deleting it where nothing is left of it', async () => {
    const box = await arrowUp();
    await userEvent.clear(box);
    await userEvent.keyboard('{Enter}');
    expect(edited).toEqual([]);
    // The message itself: it need not be among those that are loaded.
    expect(removed).toMatchObject([{ _id: said(3)._id, message: 'helo' }]);
  });

  it('is told that it was deleted meanwhile, and keeps the new words to copy', async () => {
    const box = await arrowUp();
    await userEvent.keyboard(' there');
    lastOwn = own(3, '');
    if (lastOwn.message !== null) lastOwn.message = { ...lastOwn.message, deletedAt: lastOwn.at };
    act(() => void redrawEdit());
    expect(screen.getByRole('alert')).toHaveTextContent('This message was deleted.');
    await userEvent.keyboard('{Enter}');
    expect(edited).toEqual([]);
    expect(box).toHaveValue('helo there');
    expect(screen.getByRole('button', { name: 'Copy text' })).toBeVisible();
  });

  it('is told what it says since somebody changed it elsewhere, and may save over that', async () => {
    await arrowUp();
    await userEvent.keyboard(' there');
    lastOwn = own(3, 'hello, all');
    act(() => void redrawEdit());
    expect(screen.getByRole('alert')).toHaveTextContent('hello, all');
    await userEvent.keyboard('{Enter}');
    expect(edited).toEqual(['helo there']);
  });

  it('goes on from what it says since, where nothing was changed here', async () => {
    const box = await arrowUp();
    lastOwn = own(3, 'hello, all');
    act(() => void redrawEdit());
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    expect(box).toHaveValue('hello, all');
  });

  it('tells nobody that they are typing', async () => {
    await arrowUp();
    await userEvent.keyboard('x');
    expect(typed).not.toHaveBeenCalled();
  });
});

describe('somebody who answers', () => {
  it('sees whom and what, and takes it back with Esc', async () => {
    replyTo = said(1)._id;
    const { box } = open();
    expect(screen.getByText('Reply to Bob')).toBeInTheDocument();
    expect(screen.getByText('said 1')).toBeInTheDocument();
    await userEvent.click(box);
    await userEvent.keyboard('{Escape}');
    expect(screen.queryByText('Reply to Bob')).not.toBeInTheDocument();
    expect(box).toHaveFocus();
  });
});

describe('those who wait for somebody to write', () => {
  it('hear of it, and of its end where the text is taken back', async () => {
    const { box } = open();
    await userEvent.type(box, 'hi');
    expect(typed).toHaveBeenLastCalledWith('typing');
    await userEvent.clear(box);
    expect(typed).toHaveBeenLastCalledWith('stopped');
  });
});
