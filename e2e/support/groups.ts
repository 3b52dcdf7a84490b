import type { Locator, Page } from '@playwright/test';
import type { Person } from '../fixtures.js';

export const groupRow = (page: Page, { _id }: { _id: string }): Locator =>
  page.locator(`[data-testid=conversation-row][data-conversation-id="${_id}"]`);
/** The names that are offered behind an `@`. */
export const options = (page: Page): Locator => page.getByTestId('mention-option');

type NewPerson = (fullName: string) => Promise<Person>;

/** Who makes a group in these tests. */
export const three = async (person: NewPerson): Promise<[Person, Person, Person]> => [
  await person('김민지'),
  await person('이수아'),
  await person('박지우'),
];
