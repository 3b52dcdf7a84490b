import { Conversation, Message, Person, type GroupHistory, Room, type CreateRoom } from '@sori/contract';

export const password = 'only for the tests';

const cookieOf = (answer: Response): string =>
  answer.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');

/** Somebody, as far as the API knows them: does over REST what would only take time in a window. */
export class Account {
  private constructor(
    readonly url: string,
    readonly me: Person,
    readonly cookie: string,
  ) {}

  static async signUp(url: string, fullName: string, username: string): Promise<Account> {
    const answer = await fetch(`${url}/api/auth/signup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ fullName, username, password, confirmPassword: password }),
    });
    if (!answer.ok) throw new Error(`${username} could not sign up: ${await answer.text()}`);
    return new Account(url, Person.parse(await answer.json()), cookieOf(answer));
  }

  get _id(): string {
    return this.me._id;
  }

  private async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${this.url}/api${path}`, {
      method,
      headers: { cookie: this.cookie, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.status === 204 ? undefined : answer.json();
  }

  async says(message: string, to: { _id: string }): Promise<Message> {
    return Message.parse(await this.call('POST', `/messages/send/${to._id}`, { message }));
  }

  /** In the same conversation, with a quote of it. */
  async answers({ _id, conversationId }: Message, message: string): Promise<void> {
    await this.call('POST', `/messages/send/${conversationId}`, { message, replyTo: _id });
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
    const page = (await this.call('GET', `/messages/${of._id}?limit=100`)) as unknown[];
    return page.map((message) => Message.parse(message));
  }

  async texts(of: { _id: string }): Promise<string[]> {
    return (await this.history(of)).map(({ message }) => message);
  }

  async conversationWith(other: Account): Promise<Conversation> {
    const all = (await this.call('GET', '/conversations')) as unknown[];
    const found = all
      .map((one) => Conversation.parse(one))
      .find(
        ({ kind, participants }) => kind === 'direct' && participants.some(({ _id }) => _id === other._id),
      );
    if (found === undefined) throw new Error('They have not talked yet');
    return found;
  }

  async hasRead(of: Account): Promise<void> {
    const { _id, headSeq } = await this.conversationWith(of);
    await this.call('PUT', `/conversations/${_id}/read`, { seq: headSeq });
  }

  async blocks(other: Account): Promise<void> {
    await this.call('PUT', `/users/${other._id}/block`, {});
  }

  /** An open room of one's own, with rules as usual where none are given. */
  async opensRoom(name: string, rules: Partial<CreateRoom> = {}): Promise<Room> {
    return Room.parse(await this.call('POST', '/rooms', { name, language: 'en', ...rules }));
  }

  async startsGroup(name: string, others: readonly Account[], history?: GroupHistory): Promise<Conversation> {
    const memberIds = others.map(({ _id }) => _id);
    return Conversation.parse(await this.call('POST', '/conversations', { name, memberIds, history }));
  }

  async adds(other: Account, to: { _id: string }): Promise<void> {
    await this.call('POST', `/conversations/${to._id}/members`, { userIds: [other._id] });
  }

  async removes(other: Account, from: { _id: string }): Promise<void> {
    await this.call('DELETE', `/conversations/${from._id}/members/${other._id}`);
  }

  async conversation(id: string): Promise<Conversation> {
    return Conversation.parse(await this.call('GET', `/conversations/${id}`));
  }

  /** Until somebody undoes it. */
  async mutes(of: Account | Conversation): Promise<void> {
    const { _id } = of instanceof Account ? await this.conversationWith(of) : of;
    await this.call('PUT', `/conversations/${_id}/mute`, { until: '9999-12-31T00:00:00.000Z' });
  }

  /** From the newest message on. */
  async marksUnread(of: Account): Promise<void> {
    const { _id, headSeq } = await this.conversationWith(of);
    await this.call('PUT', `/conversations/${_id}/unread`, { seq: headSeq });
  }

  async edits({ _id }: Message, message: string): Promise<void> {
    await this.call('PATCH', `/messages/${_id}`, { message });
  }

  async deletes({ _id }: Message): Promise<void> {
    await this.call('DELETE', `/messages/${_id}`);
  }

  async reacts({ _id }: Message, emoji: string): Promise<void> {
    await this.call('PUT', `/messages/${_id}/reactions/${encodeURIComponent(emoji)}`);
  }

  async pins({ _id }: Message): Promise<void> {
    await this.call('PUT', `/messages/${_id}/pin`, {});
  }

  async logsOut(): Promise<void> {
    await this.call('POST', '/auth/logout', {});
  }
}
