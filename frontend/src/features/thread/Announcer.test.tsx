import '@testing-library/jest-dom';
import { act, render } from '@testing-library/react';
import { startTranslations } from '../../i18n';
import { Announcer } from './Announcer';
import type { ThreadRow } from '../messages/threadRow';

beforeAll(() => startTranslations('en'));
beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const said = (seq: number, text: string, mine = false): ThreadRow => ({
  key: `s${seq}`,
  seq,
  clientId: null,
  mine,
  senderId: 'a'.repeat(24),
  sender: { _id: 'a'.repeat(24), fullName: 'Minji', username: 'minji', profilePic: '' },
  senderName: null,
  text,
  attachments: [],
  at: '2025-03-09T10:00:00.000Z',
  status: mine ? 'sent' : null,
  error: null,
  message: null,
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

describe('what a screen reader says in an open conversation', () => {
  it('is each new message once, with its author', () => {
    const history = [said(1, 'old')];
    const { container, rerender } = render(<Announcer rows={history} ready />);
    expect(container).toHaveTextContent('');
    rerender(<Announcer rows={[...history, said(2, 'hello')]} ready />);
    expect(container).toHaveTextContent('Minji: hello');
    act(() => jest.advanceTimersByTime(5_000));
    expect(container).toHaveTextContent('');
    rerender(<Announcer rows={[...history, said(2, 'hello')]} ready />);
    expect(container).toHaveTextContent('');
  });

  it('is nothing of the history, and nothing of one’s own', () => {
    const { container, rerender } = render(<Announcer rows={[]} ready={false} />);
    rerender(<Announcer rows={[said(8, 'b'), said(9, 'c')]} ready />);
    rerender(<Announcer rows={[said(7, 'a'), said(8, 'b'), said(9, 'c'), said(10, 'mine', true)]} ready />);
    expect(container).toHaveTextContent('');
  });

  it('is the newest few after a long absence', () => {
    const { container, rerender } = render(<Announcer rows={[said(1, 'old')]} ready />);
    rerender(
      <Announcer rows={Array.from({ length: 50 }, (_, index) => said(index + 1, `no ${index + 1}`))} ready />,
    );
    expect(container.querySelectorAll('p')).toHaveLength(3);
    expect(container).toHaveTextContent('no 50');
  });
});
