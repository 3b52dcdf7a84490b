import type { Page } from '@playwright/test';
import { expect, test, type Person } from './fixtures.js';
import { InputMethod } from './support/korean.js';
import { bubbles, composerOf, foundRowOf } from './support/window.js';

type Talk = { minji: Person; sua: Person; page: Page; keyboard: InputMethod };

const talk = async (person: (fullName: string) => Promise<Person>): Promise<Talk> => {
  const [minji, sua] = [await person('김민지'), await person('이수아')];
  await sua.account.says('여기 있어요', minji.account);
  const page = await minji.opensTalkWith(sua);
  await expect(bubbles(page, '여기 있어요')).toBeVisible();
  await composerOf(page).focus();
  return { minji, sua, page, keyboard: await InputMethod.of(page) };
};

/** In a task after the present one: no finger presses two keys within one, but a test would. */
const aMomentLater = (page: Page): Promise<void> =>
  page.evaluate(() => new Promise<void>((done) => setTimeout(done)));

/** 안녕하세 committed, 요 still under the fingers. */
const almost = async ({ page, keyboard }: Talk): Promise<void> => {
  await keyboard.commit('안녕하세');
  await keyboard.compose('ㅇ', '요');
  await expect(composerOf(page)).toHaveValue('안녕하세요');
};

/** Exactly this was said, then and later: the second message would show what an Enter too many had sent. */
const saidOnly = async ({ minji, sua, page }: Talk, ...texts: string[]): Promise<void> => {
  await expect(bubbles(page, texts.at(-1) ?? '')).toHaveAttribute('data-status', 'sent');
  await expect(composerOf(page), 'nothing is left behind').toHaveValue('');
  await composerOf(page).fill('끝');
  await composerOf(page).press('Enter');
  await expect(bubbles(page, '끝')).toHaveAttribute('data-status', 'sent');
  expect(await minji.account.texts(sua.account)).toEqual(['여기 있어요', ...texts, '끝']);
};

test.describe('안녕하세요 and one Enter is one whole message', () => {
  test('where the Enter is told twice: taken by the input method, then plain', async ({ person }) => {
    const here = await talk(person);
    await almost(here);
    await here.keyboard.takenEnter();
    await here.keyboard.commit('요');
    await here.page.keyboard.press('Enter');
    await saidOnly(here, '안녕하세요');
  });

  test('where it is told once, as taken by the input method', async ({ person }) => {
    const here = await talk(person);
    await almost(here);
    await here.keyboard.takenEnter();
    await here.keyboard.commit('요');
    await here.keyboard.enterUp();
    await saidOnly(here, '안녕하세요');
  });

  test('where the syllable is complete before a plain Enter', async ({ person }) => {
    const here = await talk(person);
    await almost(here);
    await here.keyboard.commit('요');
    await here.page.keyboard.press('Enter');
    await saidOnly(here, '안녕하세요');
  });

  test('where the button is clicked in the middle of the syllable', async ({ person }) => {
    const here = await talk(person);
    await almost(here);
    await here.page.getByTestId('send').click();
    await saidOnly(here, '안녕하세요');
  });

  test('with Ctrl held', async ({ person }) => {
    const here = await talk(person);
    await almost(here);
    await here.keyboard.commit('요');
    await here.page.keyboard.press('Control+Enter');
    await saidOnly(here, '안녕하세요');
  });
});

test('two messages typed one after the other keep their syllables apart', async ({ person }) => {
  const here = await talk(person);
  for (const [head, states, text] of [
    ['', ['ㄴ', '네', '넹'], '넹'],
    ['안', ['ㄴ', '녀', '녕'], '안녕'],
  ] as const) {
    await here.keyboard.commit(head);
    await here.keyboard.compose(...states);
    await here.keyboard.takenEnter();
    await here.keyboard.commit(states[2]);
    await here.page.keyboard.press('Enter');
    await expect(bubbles(here.page, text)).toHaveAttribute('data-status', 'sent');
  }
  await saidOnly(here, '넹', '안녕');
});

test('the Enter that picks Hanja or a symbol for a syllable sends nothing, the next one does', async ({
  person,
}) => {
  const here = await talk(person);
  for (const [syllable, picked] of [
    ['한', '韓'],
    ['ㅁ', '※'],
  ] as const) {
    await here.keyboard.compose(syllable);
    await here.keyboard.takenEnter();
    await here.keyboard.commit(picked);
    await here.keyboard.enterUp();
    await aMomentLater(here.page);
    await expect(composerOf(here.page)).toHaveValue(picked);
    await here.page.keyboard.press('Enter');
    await expect(bubbles(here.page, picked)).toHaveAttribute('data-status', 'sent');
  }
  await saidOnly(here, '韓', '※');
});

test('in Japanese the Enter that picks a candidate sends nothing, the next one does', async ({ person }) => {
  const here = await talk(person);
  await here.keyboard.compose('に', 'にほ', 'にほん', '日本');
  await here.keyboard.takenEnter();
  await here.keyboard.commit('日本');
  await here.keyboard.enterUp();
  await expect(composerOf(here.page)).toHaveValue('日本');
  await expect(bubbles(here.page, '日本')).toHaveCount(0);
  await aMomentLater(here.page);
  await here.page.keyboard.press('Enter');
  await saidOnly(here, '日本');
});

test('also where the browser tells the end of the composition before that Enter', async ({ person }) => {
  const here = await talk(person);
  // As Safari does it, all in one task; Chromium cannot be made to, so its events are made here.
  await composerOf(here.page).evaluate((box: HTMLTextAreaElement) => {
    const composition = (type: string, data: string) =>
      box.dispatchEvent(new CompositionEvent(type, { data, bubbles: true }));
    composition('compositionstart', '');
    composition('compositionupdate', '日本');
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value')?.set?.call(box, '日本');
    box.dispatchEvent(new InputEvent('input', { bubbles: true, isComposing: true, data: '日本' }));
    composition('compositionend', '日本');
    const enter = { key: 'Enter', code: 'Enter', keyCode: 229, bubbles: true, cancelable: true };
    box.dispatchEvent(new KeyboardEvent('keydown', enter));
    box.dispatchEvent(new KeyboardEvent('keyup', enter));
  });
  await expect(composerOf(here.page)).toHaveValue('日本');
  await aMomentLater(here.page);
  await here.page.keyboard.press('Enter');
  await saidOnly(here, '日本');
});

test('a message that comes in does not disturb the syllable under the fingers', async ({ person }) => {
  const here = await talk(person);
  await here.keyboard.compose('ㅎ', '하');
  await here.sua.account.says('쓰고 있어?', here.minji.account);
  await expect(bubbles(here.page, '쓰고 있어?')).toBeVisible();
  await here.keyboard.compose('한');
  await here.keyboard.commit('한');
  await expect(composerOf(here.page)).toHaveValue('한');
  await here.page.keyboard.press('Enter');
  await expect(bubbles(here.page, '한')).toHaveAttribute('data-status', 'sent');
});

test('the search finds people while the syllable is still being put together', async ({ person }) => {
  const [minji, found] = [await person('김민지'), await person('함초롬')];
  const page = await minji.opens();
  await page.getByTestId('people-search').focus();
  const keyboard = await InputMethod.of(page);
  await keyboard.compose('ㅎ', '하', '함');
  await expect(foundRowOf(page, found)).toBeVisible();
  await keyboard.commit('함');
  await keyboard.compose('ㅊ', '초');
  await expect(page.getByTestId('person-row')).toHaveCount(1);
  await keyboard.takenEnter();
  await keyboard.commit('초');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`/u/${found._id}$`));
  await expect(page.getByTestId('people-search')).toHaveValue('');
});
