import { anything, type Http } from '@sori/client';
import { Bootstrap, Person, type Login, type Signup } from '@sori/contract';

/** The calls about who is signed in, and all that a page needs to begin. */
export const sessionCalls = (http: Http) => ({
  signUp: async (form: Signup): Promise<Person> =>
    (await http({ method: 'POST', path: '/api/auth/signup', body: form, answer: Person })).data,

  logIn: async (form: Login): Promise<Person> =>
    (await http({ method: 'POST', path: '/api/auth/login', body: form, answer: Person })).data,

  logOut: async (): Promise<void> => {
    await http({ method: 'POST', path: '/api/auth/logout', body: {}, answer: anything });
  },

  me: async (signal?: AbortSignal): Promise<Person> =>
    (await http({ path: '/api/auth/me', answer: Person, signal })).data,

  /**
   * Who is signed in, and all else that a page needs to begin. `next` is the `before` of the list's next page.
   * With the `asOf` of an earlier answer as `since`, it also says what of one's own changed after that.
   */
  bootstrap: async (
    query: { limit?: number | undefined; since?: string | undefined },
    signal?: AbortSignal,
  ): Promise<Bootstrap> => (await http({ path: '/api/bootstrap', query, answer: Bootstrap, signal })).data,
});
