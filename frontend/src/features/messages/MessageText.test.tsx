import '@testing-library/jest-dom';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { alice, bob } from '@sori/client/testing';
import { startTranslations } from '../../i18n';
import { MentionableContext } from './mentionsShown';
import { MessageText } from './MessageText';

jest.mock('../../session/useAppStore', () => ({
  useAppStore: (select: (state: unknown) => unknown) =>
    select({ me: alice, people: { [alice._id]: alice, [bob._id]: bob } }),
}));

beforeAll(() => startTranslations('en'));
const show = (text: string) => render(<MessageText text={text} onAccent={false} />).container;

describe('what somebody reads', () => {
  it('is exactly what was typed', () => {
    const typed = '<b>bold</b> &amp; <script>alert(1)</script>\n  two  spaces';
    expect(show(typed)).toHaveTextContent(typed, { normalizeWhitespace: false });
  });

  it('has links that open elsewhere and give nothing away', () => {
    show('look: https://a.kr/를');
    const link = screen.getByRole('link', { name: 'https://a.kr/' });
    expect(link).toHaveAttribute('rel', expect.stringContaining('noopener'));
    expect(link).toHaveAttribute('target', '_blank');
  });

  it('finds its own direction', () => {
    expect(show('مرحبا').querySelector('p')).toHaveAttribute('dir', 'auto');
  });

  it('is folded when it is long, and opens', async () => {
    const typed = '긴 이야기 '.repeat(400).trim();
    const message = show(typed);
    expect(message.textContent.length).toBeLessThan(800);
    await userEvent.click(screen.getByRole('button', { name: 'Show more' }));
    expect(message).toHaveTextContent(typed);
    await userEvent.click(screen.getByRole('button', { name: 'Show less' }));
    expect(message.textContent.length).toBeLessThan(800);
  });

  it('is folded when it has very many lines', () => {
    show('a\n'.repeat(100));
    expect(screen.getByRole('button', { name: 'Show more' })).toBeInTheDocument();
  });

  it('is whole at 1,999 characters and folded at 2,000', () => {
    const { unmount } = render(<MessageText text={'😀'.repeat(1_999)} onAccent={false} />);
    expect(screen.queryByRole('button')).not.toBeInTheDocument();
    unmount();
    show('😀'.repeat(2_000));
    expect(screen.getByRole('button')).toBeInTheDocument();
  });
});

describe('a mention in what somebody reads', () => {
  const shown = (text: string) => {
    const mentionable = new Map([
      ['alice', alice._id],
      ['민지', bob._id],
    ]);
    const { container } = render(
      <MentionableContext value={mentionable}>
        <MessageText text={text} onAccent={false} />
      </MentionableContext>,
    );
    return within(container)
      .queryAllByTestId('mention')
      .map(({ textContent }) => textContent);
  };

  it('stands out from what Korean puts behind it, and an address does not', () => {
    expect(shown('＠alice님, 안녕@민지야! a@alice https://a.kr/@alice youtube.com/@alice')).toEqual([
      '＠alice',
      '@민지',
    ]);
    expect(screen.getByRole('link')).toHaveTextContent('https://a.kr/@alice');
  });

  it('is nobody else where a long text is cut within a longer name', () => {
    expect(shown(`${'글'.repeat(694)}@alice${'x'.repeat(1_400)}`)).toEqual([]);
    expect(screen.getByRole('button', { name: 'Show more' })).toBeInTheDocument();
  });

  it('is not shown by half where a long text is cut within it', () => {
    expect(shown(`${'글'.repeat(697)}@민지${'글'.repeat(1_400)}`)).toEqual(['@민지']);
    expect(shown(`${'글'.repeat(698)}@민지${'글'.repeat(1_400)}`)).toEqual([]);
  });
});
