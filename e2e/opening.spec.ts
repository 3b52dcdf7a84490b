import type { Page } from '@playwright/test';
import { expect, test, type Person } from './fixtures.js';
import { bubbles, historyOf, isCalm } from './support/window.js';

const toTheEnd = (page: Page): Promise<number> =>
  historyOf(page).evaluate(
    ({ scrollHeight, clientHeight, scrollTop }) => scrollHeight - clientHeight - scrollTop,
  );

/** Long and short ones, quotes and reactions, of which more are there than fit: no row is as high as it is guessed to be. */
const chat = async (minji: Person, sua: Person): Promise<void> => {
  const long = '비가 오면 지난번 그 카페에서 보드게임을 해도 재미있을 것 같아. '.repeat(9);
  for (let round = 0; round < 3; round += 1) {
    const question = await sua.account.says('주말에 뭐 해?', minji.account);
    await sua.account.answers(question, '두 시쯤 어때?\n자전거는 거기서 빌릴 수 있어');
    const answer = await minji.account.says('👍', sua.account);
    await sua.account.reacts(answer, '🎉');
    await sua.account.answers(answer, long);
  }
  await sua.account.says('🎉🎉', minji.account);
  await minji.account.hasRead(sua.account);
};

for (const [who, reducedMotion] of [
  ['everybody', 'no-preference'],
  ['people who want less motion', 'reduce'],
] as const)
  test(`a conversation opens at its newest message for ${who}`, async ({ person }) => {
    const [minji, sua] = [await person('김민지', { reducedMotion }), await person('이수아')];
    await chat(minji, sua);
    const page = await minji.opensTalkWith(sua);
    await expect(bubbles(page, '🎉🎉')).toBeInViewport({ ratio: 1 });
    await isCalm(page);
    expect(await toTheEnd(page)).toBe(0);
    await expect(page.getByRole('button', { name: 'To the latest messages' })).toHaveCount(0);
  });
