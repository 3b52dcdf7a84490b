/**
 * @jest-environment-options {"url": "http://localhost:5000/"}
 */
import '@testing-library/jest-dom';
import { render, screen } from '@testing-library/react';
import { alice } from '@sori/client/testing';
import { startTranslations } from '../../i18n';
import { GoContext } from '../../navigation/going';
import { FirstSteps } from './FirstSteps';
import { isLoopback } from './loopback';

jest.mock('../session/useSession', () => ({ useSession: () => ({ me: alice }) }));

describe('whoever is alone here', () => {
  it.each([
    ['en', 'replace “localhost” with its name'],
    ['ko', '“localhost” 대신 이 컴퓨터의 이름'],
  ] as const)('passes on the address with its port: %s', (language, hint) => {
    startTranslations(language);
    render(
      <GoContext value={() => undefined}>
        <FirstSteps />
      </GoContext>,
    );
    expect(screen.getByTestId('first-steps')).toHaveTextContent(hint);
    expect(screen.getByTestId('invitation')).toHaveTextContent('http://localhost:5000');
  });

  it.each(['localhost', 'sori.localhost', '127.0.0.1', '127.1.2.3', '[::1]', '0.0.0.0'])(
    'is told that nobody else gets here by %s',
    (hostname) => expect(isLoopback(hostname)).toBe(true),
  );

  it.each(['localhost.example.com', 'notlocalhost', '127.example.com', '10.0.0.127', '[fe80::1]'])(
    'may pass on %s as it is',
    (hostname) => expect(isLoopback(hostname)).toBe(false),
  );
});
