import { anything, createHttp, fetchAs, type Http, listOf, type Schema, signUp } from '@sori/client';
import { Conversation, Message, type Person, type GroupHistory, Room, type CreateRoom } from '@sori/contract';

export const password = 'only for the tests';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Somebody, as far as the API knows them: does over REST what would only take time in a window. */
export class Account {
  private readonly http: Http;

  private constructor(
    readonly url: string,
    readonly me: Person,
    readonly cookie: string,
  ) {
    this.http = createHttp(fetchAs(url, { cookie }));
  }

  static async signUp(url: string, fullName: string, username: string): Promise<Account> {
    const { me, cookie } = await signUp(url, { fullName, username, password, confirmPassword: password });
    return new Account(url, me, cookie);
  }

  get _id(): string {
    return this.me._id;
  }

  private async call<T>(method: Method, path: string, answer: Schema<T>, body?: unknown): Promise<T> {
    return (await this.http({ method, path: `/api${path}`, body, answer })).data;
  }

  async says(message: string, to: { _id: string }): Promise<Message> {
    return this.call('POST', `/messages/send/${to._id}`, Message, { message });
  }

  /** In the same conversation, with a quote of it. */
  async answers({ _id, conversationId }: Message, message: string): Promise<void> {
    await this.call('POST', `/messages/send/${conversationId}`, anything, { message, replyTo: _id });
  }

  /** Many messages as fast as the server takes them; in which order they are stored is up to it. */
  async saysMany(messages: readonly string[], to: Account): Promise<void> {
    const waiting = messages.values();
    const speak = async () => {
      for (const message of waiting) await this.says(message, to);
    };
    await Promise.all(Array.from({ length: 32 }, speak));
  }

  /** The newest page of the talk with somebody, oldest first. */
  async history(of: { _id: string }): Promise<Message[]> {
    return this.call('GET', `/messages/${of._id}?limit=100`, listOf(Message));
  }

  async texts(of: { _id: string }): Promise<string[]> {
    return (await this.history(of)).map(({ message }) => message);
  }

  async conversationWith(other: Account): Promise<Conversation> {
    const all = await this.call('GET', '/conversations', listOf(Conversation));
    const found = all.find(
      ({ kind, participants }) => kind === 'direct' && participants.some(({ _id }) => _id === other._id),
    );
    if (found === undefined) throw new Error('They have not talked yet');
    return found;
  }

  async hasRead(of: Account): Promise<void> {
    const { _id, headSeq } = await this.conversationWith(of);
    await this.call('PUT', `/conversations/${_id}/read`, anything, { seq: headSeq });
  }

  async blocks(other: Account): Promise<void> {
    await this.call('PUT', `/users/${other._id}/block`, anything, {});
  }

  /** An open room of one's own, with rules as usual where none are given. */
  async opensRoom(name: string, rules: Partial<CreateRoom> = {}): Promise<Room> {
    return this.call('POST', '/rooms', Room, { name, language: 'en', ...rules });
  }

  async startsGroup(name: string, others: readonly Account[], history?: GroupHistory): Promise<Conversation> {
    const memberIds = others.map(({ _id }) => _id);
    return this.call('POST', '/conversations', Conversation, { name, memberIds, history });
  }

  async adds(other: Account, to: { _id: string }): Promise<void> {
    await this.call('POST', `/conversations/${to._id}/members`, anything, { userIds: [other._id] });
  }

  async removes(other: Account, from: { _id: string }): Promise<void> {
    await this.call('DELETE', `/conversations/${from._id}/members/${other._id}`, anything);
  }

  async conversation(id: string): Promise<Conversation> {
    return this.call('GET', `/conversations/${id}`, Conversation);
  }

  /** Until somebody undoes it. */
  async mutes(of: Account | Conversation): Promise<void> {
    const { _id } = of instanceof Account ? await this.conversationWith(of) : of;
    await this.call('PUT', `/conversations/${_id}/mute`, anything, { until: '9999-12-31T00:00:00.000Z' });
  }

  /** From the newest message on. */
  async marksUnread(of: Account): Promise<void> {
    const { _id, headSeq } = await this.conversationWith(of);
    await this.call('PUT', `/conversations/${_id}/unread`, anything, { seq: headSeq });
  }

  async edits({ _id }: Message, message: string): Promise<void> {
    await this.call('PATCH', `/messages/${_id}`, anything, { message });
  }

  async deletes({ _id }: Message): Promise<void> {
    await this.call('DELETE', `/messages/${_id}`, anything);
  }

  async reacts({ _id }: Message, emoji: string): Promise<void> {
    await this.call('PUT', `/messages/${_id}/reactions/${encodeURIComponent(emoji)}`, anything);
  }

  async pins({ _id }: Message): Promise<void> {
    await this.call('PUT', `/messages/${_id}/pin`, anything, {});
  }

  async logsOut(): Promise<void> {
    await this.call('POST', '/auth/logout', anything, {});
  }
}
