import '@testing-library/jest-dom';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { Signup } from '@sori/contract';
import { MemoryRouter } from 'react-router';
import { startTranslations } from '../../i18n';
import { SignupPage } from './SignupPage';

let signedUp: Signup[] = [];
jest.mock('./useSession', () => ({
  useSession: () => ({
    signUp: (form: Signup) => {
      signedUp.push(form);
      return Promise.resolve();
    },
  }),
}));

beforeAll(() => startTranslations('en'));
beforeEach(() => {
  signedUp = [];
  render(<SignupPage />, { wrapper: MemoryRouter });
});

const field = (label: string) => screen.getByLabelText(label);
const differ = () => screen.queryByText("Passwords don't match.");

describe('somebody who signs up', () => {
  it('fills the form from top to bottom, and the first press on the button counts', async () => {
    await userEvent.type(field('Name'), 'Kim Minji');
    await userEvent.type(field('Username'), 'minji');
    await userEvent.type(field('Password'), 'correct horse');
    await userEvent.type(field('Confirm password'), 'correct horse');
    expect(differ()).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Create account' }));
    expect(signedUp).toHaveLength(1);
  });

  it('hears of the second password only after typing it', async () => {
    await userEvent.type(field('Password'), 'correct horse');
    await userEvent.tab();
    expect(differ()).not.toBeInTheDocument();
    await userEvent.type(field('Confirm password'), 'correct house');
    await userEvent.click(field('Name'));
    expect(differ()).toBeInTheDocument();
  });

  it('may leave a space behind the username, and compose the second password otherwise than the first', async () => {
    await userEvent.type(field('Name'), 'Kim Minji');
    await userEvent.type(field('Username'), 'minji ');
    await userEvent.type(field('Password'), '비밀번호 1234'.normalize('NFC'));
    await userEvent.type(field('Confirm password'), '비밀번호 1234'.normalize('NFD'));
    await userEvent.click(screen.getByRole('button', { name: 'Create account' }));
    expect(signedUp).toHaveLength(1);
  });

  it('may mend either of the two passwords', async () => {
    await userEvent.type(field('Password'), 'correct house');
    await userEvent.type(field('Confirm password'), 'correct horse');
    await userEvent.click(field('Password'));
    expect(differ()).toBeInTheDocument();
    await userEvent.clear(field('Password'));
    await userEvent.type(field('Password'), 'correct horse');
    expect(differ()).not.toBeInTheDocument();
  });

  it('leaves the focus in the field while pressing the button, so that nothing moves under the pointer', async () => {
    await userEvent.type(field('Confirm password'), 'x');
    await userEvent.pointer({
      keys: '[MouseLeft>]',
      target: screen.getByRole('button', { name: 'Create account' }),
    });
    expect(field('Confirm password')).toHaveFocus();
  });
});
