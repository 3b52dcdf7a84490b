import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AdminPerson, AuditEntry, Entry, EntriesPage, Message, Person, Report } from '@sori/contract';
import { Types } from 'mongoose';
import { password, type Someone, startServer } from '../../testing/server.js';
import { useServer } from '../../testing/use-server.js';

const server = useServer();
let admin: Someone;
let alice: Someone;
let bob: Someone;
let carol: Someone;
beforeAll(async () => {
  [admin, alice, bob, carol] = await server.people('admin', 'alice', 'bob', 'carol');
  const code = (await readFile(join(server.engine.dataDir, 'admin-code'), 'utf8')).trim();
  expect((await admin.call('POST', '/api/me/admin', { code })).status).toBe(200);
});

const report = (who: Someone, body: object) =>
  who.call<Report & { code?: string }>('POST', '/api/reports', body);
const reports = async (query = ''): Promise<Report[]> =>
  (await admin.get<Report[]>(`/api/admin/reports?limit=100${query}`)).body;
const resolve = (id: string, action: unknown, who = admin) =>
  who.call<Report & { code?: string }>('POST', `/api/admin/reports/${id}/resolve`, { action });
const audit = async (): Promise<AuditEntry[]> =>
  (await admin.get<AuditEntry[]>('/api/admin/audit?limit=100')).body;
const suspend = (who: { _id: string }, by = admin) =>
  by.call<AdminPerson & { code?: string }>('POST', `/api/admin/users/${who._id}/suspension`);
const lift = (who: { _id: string }, by = admin) =>
  by.call<AdminPerson & { code?: string }>('DELETE', `/api/admin/users/${who._id}/suspension`);
const logIn = async (username: string, given = password) =>
  server.ask<Person & { code?: string; error?: string; details?: unknown }>('/api/auth/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password: given }),
  });

describe('reporting', () => {
  it('a message puts it into the queue, as it now is, with who wrote it and who complains', async () => {
    const message = await bob.say(alice._id, 'something nasty');
    const answer = await report(alice, { messageId: message._id, reason: ' it is nasty ' });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ messageId: message._id, userId: bob._id, reason: 'it is nasty' });
    const [one] = (await reports()).filter(({ _id }) => _id === answer.body._id);
    expect(one).toMatchObject({ ...answer.body, reporter: { _id: alice._id }, message: { ...message } });
    expect(one?.person).toEqual({
      _id: bob._id,
      fullName: 'bob',
      username: bob.name,
      profilePic: one?.person?.profilePic,
      admin: false,
      suspendedAt: null,
    });
    expect(one?.resolved).toBeUndefined();
  });

  it('is counted by the hour for each person, whatever is reported', async () => {
    const settings = { LIMIT_REPORTS_PER_USER_HOUR: '2' };
    const strict = await startServer({ engine: server.engine, settings });
    try {
      const [anna, ben, target] = await strict.people('anna', 'ben', 'target');
      const asked = () => anna.post<{ code?: string }>('/api/reports', { userId: target._id, reason: 'x' });
      expect([(await asked()).status, (await asked()).status]).toEqual([201, 201]);
      const refused = await asked();
      expect([refused.status, refused.body.code]).toEqual([429, 'RATE_LIMITED']);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(60);
      expect((await report(ben, { userId: target._id, reason: 'x' })).status).toBe(201);
    } finally {
      await strict.close();
    }
  });

  it('the same again is the same report, even at the same moment; a person and a message are two reports', async () => {
    const message = await bob.say(alice._id, 'again and again');
    const body = { messageId: message._id, reason: 'again' };
    const [first, ...rest] = await Promise.all([1, 2, 3, 4].map(() => report(alice, body)));
    for (const one of rest) expect(one.body._id).toBe(first?.body._id);
    expect((await report(alice, { ...body, reason: 'another reason' })).body).toEqual(first?.body);
    const person = await report(alice, { userId: bob._id, reason: 'again' });
    expect(person.body._id).not.toBe(first?.body._id);
    expect(person.body).not.toHaveProperty('messageId');
    const open = await reports();
    expect(open.filter(({ messageId }) => messageId === message._id)).toHaveLength(1);
  });

  it('what one cannot see is NOT_FOUND, whether it exists or not', async () => {
    const secret = await bob.say(alice._id, 'between us');
    const foreign = await report(carol, { messageId: secret._id, reason: 'curious' });
    const nothing = await report(carol, { messageId: 'f'.repeat(24), reason: 'curious' });
    expect(foreign.status).toBe(404);
    expect(foreign.body).toEqual(nothing.body);
    expect((await report(carol, { userId: 'f'.repeat(24), reason: 'x' })).body).toEqual(nothing.body);
  });

  it('nobody, and nothing, is INVALID', async () => {
    expect((await report(alice, { reason: 'x' })).body).toMatchObject({ code: 'INVALID' });
  });

  it('oneself is INVALID', async () => {
    const own = await alice.say(bob._id, 'mine');
    expect((await report(alice, { userId: alice._id, reason: 'x' })).body.code).toBe('INVALID');
    expect((await report(alice, { messageId: own._id, reason: 'x' })).body.code).toBe('INVALID');
  });

  it('needs an account', async () => {
    const answer = await server.ask('/api/reports', { method: 'POST' });
    expect(answer.status).toBe(401);
  });
});

describe('the admin’s desk', () => {
  it('answers anybody else as if it did not exist', async () => {
    const { body: own } = await report(bob, { userId: carol._id, reason: 'x' });
    const nothing = await alice.get('/api/nothing');
    expect(nothing.status).toBe(404);
    const calls: [method: string, path: string, body?: unknown][] = [
      ['GET', '/api/admin/reports'],
      ['GET', '/api/admin/reports?limit=none'],
      ['POST', `/api/admin/reports/${own._id}/resolve`, { action: 'dismiss' }],
      ['POST', '/api/admin/reports/no-id/resolve', {}],
      ['POST', `/api/admin/users/${bob._id}/suspension`],
      ['DELETE', `/api/admin/users/${bob._id}/suspension`],
      ['GET', `/api/admin/users/${bob._id}`],
      ['GET', '/api/admin/suspensions'],
      ['GET', '/api/admin/audit'],
      ['GET', '/api/admin'],
    ];
    for (const [method, path, body] of calls) {
      const mine = await alice.call(method, path, body);
      expect([path, mine.status, mine.body]).toEqual([path, 404, nothing.body]);
      const strange = await server.ask(path, {
        method,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      expect([path, strange.status, strange.body]).toEqual([path, 404, nothing.body]);
    }
    expect((await reports()).map(({ _id }) => _id)).toContain(own._id);
    expect((await logIn(bob.name)).status).toBe(200);
    expect((await alice.get('/api/me/admin')).body).toEqual({ admin: false });
    expect((await admin.get('/api/me/admin')).body).toEqual({ admin: true });
  });

  it('shows what waits page by page, the oldest first, and what was resolved, the newest first', async () => {
    const many = await server.people('m1', 'm2', 'm3', 'm4', 'm5');
    const ids: string[] = [];
    for (const { _id } of many) ids.push((await report(carol, { userId: _id, reason: 'x' })).body._id);
    const seen: string[] = [];
    let path: string | undefined = '/api/admin/reports?limit=2';
    while (path !== undefined) {
      const { body, headers }: { body: Report[]; headers: Headers } = await admin.get<Report[]>(path);
      expect(body.length).toBeLessThanOrEqual(2);
      seen.push(...body.map(({ _id }) => _id));
      path = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
    }
    expect(seen).toEqual((await reports()).map(({ _id }) => _id));
    expect(seen.filter((id) => ids.includes(id))).toEqual(ids);
    for (const id of ids) expect((await resolve(id, 'dismiss')).status).toBe(200);
    expect((await reports()).filter(({ _id }) => ids.includes(_id))).toEqual([]);
    const done = (await reports('&state=resolved')).map(({ _id }) => _id);
    expect(done.slice(0, ids.length)).toEqual([...ids].reverse());
    expect((await admin.get('/api/admin/reports?state=lost')).status).toBe(400);
  });
});

describe('resolving a report', () => {
  it('by dismissing it changes nothing but the report', async () => {
    const message = await bob.say(alice._id, 'harmless');
    const { body } = await report(alice, { messageId: message._id, reason: 'x' });
    const { status, body: resolved } = await resolve(body._id, 'dismiss');
    expect(status).toBe(200);
    expect(resolved.resolved).toMatchObject({ action: 'dismiss', by: { _id: admin._id } });
    expect((await alice.get<Message[]>(`/api/messages/${bob._id}?limit=1`)).body).toEqual([message]);
    // It may be reported again.
    expect((await report(alice, { messageId: message._id, reason: 'still' })).body._id).not.toBe(body._id);
  });

  it('by deleting takes the message away for everybody, live, in the log and in the database', async () => {
    const message = await bob.say(alice._id, 'to be deleted by the admin');
    const { body } = await report(alice, { messageId: message._id, reason: 'x' });
    const { body: twin } = await report(bob, { userId: alice._id, reason: 'not this one' });
    const [alicesTab, bobsTab, outside] = [await alice.sori(), await bob.sori(), await carol.sori()];
    const { status, body: resolved } = await resolve(body._id, 'delete');
    expect(status).toBe(200);
    expect(resolved.message).toMatchObject({ _id: message._id, message: '' });
    for (const client of [alicesTab, bobsTab]) {
      const entry = (await client.next('entry')) as Entry;
      expect(entry).toMatchObject({ kind: 'delete', targetSeq: message.seq, target: { message: '' } });
      expect(JSON.stringify(entry)).not.toContain(admin._id);
    }
    await outside.settled();
    expect(outside.all('entry')).toEqual([]);
    const { conversationId, seq } = message;
    const page = await bob.get<EntriesPage>(`/api/conversations/${conversationId}/entries?after=${seq}`);
    expect(page.body.entries).toMatchObject([{ kind: 'delete', targetSeq: seq }]);
    const stored = await server.store.connection.collection('entries').find({}).toArray();
    expect(JSON.stringify(stored)).not.toContain('to be deleted by the admin');
    expect((await reports()).map(({ _id }) => _id)).toContain(twin._id);
    // Once more is once.
    expect((await resolve(body._id, 'delete')).status).toBe(200);
    const again = await bob.get<EntriesPage>(`/api/conversations/${conversationId}/entries?after=${seq}`);
    expect(again.body.entries).toHaveLength(1);
  });

  it('resolves what others reported of the same person along with it', async () => {
    const eve = await server.person('eve');
    const [one, two] = await Promise.all(
      [alice, bob].map((who) => report(who, { userId: eve._id, reason: 'x' })),
    );
    expect((await resolve(one?.body._id ?? '', 'dismiss')).status).toBe(200);
    const ids = [one?.body._id, two?.body._id];
    expect((await reports()).filter(({ _id }) => ids.includes(_id))).toEqual([]);
    expect((await reports('&state=resolved')).filter(({ _id }) => ids.includes(_id))).toHaveLength(2);
  });

  it('differently from another admin is CONFLICT, and is not carried out', async () => {
    const message = await bob.say(alice._id, 'stays');
    const { body } = await report(alice, { messageId: message._id, reason: 'x' });
    await resolve(body._id, 'dismiss');
    expect((await resolve(body._id, 'delete')).body).toMatchObject({ code: 'CONFLICT' });
    expect((await alice.get<Message[]>(`/api/messages/${bob._id}?limit=1`)).body).toEqual([message]);
  });

  it('with what makes no sense is INVALID, and of nothing is NOT_FOUND', async () => {
    const { body } = await report(alice, { userId: carol._id, reason: 'x' });
    // There is no message to delete.
    expect((await resolve(body._id, 'delete')).body.code).toBe('INVALID');
    expect((await resolve(body._id, 'explode')).body.code).toBe('INVALID');
    expect((await resolve('f'.repeat(24), 'dismiss')).status).toBe(404);
    expect((await resolve(body._id, 'dismiss')).status).toBe(200);
  });
});

describe('suspending somebody', () => {
  it('ends every session and every socket of theirs within a second, and only theirs', async () => {
    const eve = await server.person('eve');
    const phone = await server.elsewhere(eve);
    const sockets = [await eve.sori(), await phone.sori(), await phone.tutorial()];
    const bystander = await bob.sori();
    const before = performance.now();
    const { status, body } = await suspend(eve);
    expect(status).toBe(200);
    expect(body.suspendedAt).not.toBeNull();
    for (const client of sockets) {
      expect(await client.next('session')).toEqual({ reason: 'suspended' });
      await client.gone();
    }
    // A second, and what a busy machine adds. By themselves they would never go.
    expect(performance.now() - before).toBeLessThan(5_000);
    for (const tab of [eve, phone]) {
      expect((await tab.get('/api/auth/me')).status).toBe(401);
      expect((await tab.call('POST', `/api/messages/send/${bob._id}`, { message: 'x' })).status).toBe(401);
    }
    const refused = eve.knock();
    const error = await new Promise<{ data?: { code: string } }>((done) =>
      refused.socket.once('connect_error', done),
    );
    expect(error.data?.code).toBe('UNAUTHENTICATED');
    await bystander.settled();
    expect(bystander.socket.connected).toBe(true);
    expect(bystander.all('session')).toEqual([]);
  });

  it('is shown at log-in, and only to somebody who knows the password', async () => {
    const eve = await server.person('eve');
    await suspend(eve);
    const right = await logIn(eve.name);
    expect(right.status).toBe(422);
    expect(right.body).toMatchObject({ code: 'REFUSED', details: { reason: 'suspended' } });
    expect(right.headers.getSetCookie()).toEqual([]);
    const wrong = await logIn(eve.name, 'not the password');
    expect(wrong.status).toBe(401);
    expect(wrong.body).toEqual((await logIn('nobody-at-all', 'not the password')).body);
  });

  it('leaves what they wrote, and what is written to them waits for them', async () => {
    const eve = await server.person('eve');
    const said = await eve.say(bob._id, 'I was here');
    await suspend(eve);
    expect((await bob.get<Message[]>(`/api/messages/${eve._id}`)).body).toEqual([said]);
    await bob.say(eve._id, 'are you there?');
    expect((await lift(eve)).body).toMatchObject({ _id: eve._id, suspendedAt: null });
    const back = await server.elsewhere(eve);
    const history = (await back.get<Message[]>(`/api/messages/${bob._id}`)).body;
    expect(history.map(({ message }) => message)).toEqual(['I was here', 'are you there?']);
    // The sessions of before stay ended.
    expect((await eve.get('/api/auth/me')).status).toBe(401);
  });

  it('leaves no session behind for a log-in at the same moment', async () => {
    const eve = await server.person('eve');
    const logins = Array.from({ length: 6 }, () => logIn(eve.name));
    await suspend(eve);
    const cookies = (await Promise.all(logins)).flatMap(({ headers }) => headers.getSetCookie());
    for (const cookie of cookies) {
      const answer = await server.ask('/api/auth/me', { headers: { cookie: cookie.split(';', 1)[0] ?? '' } });
      expect(answer.status).toBe(401);
    }
    const sessions = server.store.connection.collection('sessions');
    const { Types } = await import('mongoose');
    expect(await sessions.countDocuments({ userId: new Types.ObjectId(eve._id) })).toBe(0);
  });

  it('can be the answer to a report, and is refused for an admin', async () => {
    const eve = await server.person('eve');
    const message = await eve.say(alice._id, 'worse');
    const { body } = await report(alice, { messageId: message._id, reason: 'x' });
    const evesTab = await eve.sori();
    expect((await resolve(body._id, 'suspend')).body.person?.suspendedAt).not.toBeNull();
    expect(await evesTab.next('session')).toEqual({ reason: 'suspended' });
    const { body: other } = await report(alice, { userId: admin._id, reason: 'x' });
    expect((await resolve(other._id, 'suspend')).body.code).toBe('REFUSED');
    expect((await suspend(admin)).body.code).toBe('REFUSED');
    expect((await admin.get('/api/auth/me')).status).toBe(200);
    expect((await reports()).map(({ _id }) => _id)).toContain(other._id);
  });

  it('twice counts once, of an unknown person is NOT_FOUND, and suspended people are listed page by page', async () => {
    const [one, two] = await server.people('eve', 'eve');
    const first = await suspend(one);
    expect((await suspend(one)).body).toEqual(first.body);
    await suspend(two);
    expect((await suspend({ _id: 'f'.repeat(24) })).status).toBe(404);
    expect((await lift({ _id: 'f'.repeat(24) })).status).toBe(404);
    expect((await suspend({ _id: 'no-id' })).status).toBe(400);
    const everybody = (await admin.get<AdminPerson[]>('/api/admin/suspensions?limit=100')).body;
    expect(everybody.map(({ _id }) => _id)).toEqual(expect.arrayContaining([one._id, two._id]));
    const page = await admin.get<AdminPerson[]>('/api/admin/suspensions?limit=1');
    expect(page.body).toEqual(everybody.slice(0, 1));
    const after = `/api/admin/suspensions?limit=100&after=${page.body[0]?._id ?? ''}`;
    expect(page.headers.get('link')).toContain('rel="next"');
    expect((await admin.get(after)).body).toEqual(everybody.slice(1));
    await lift(one);
    const left = (await admin.get<AdminPerson[]>('/api/admin/suspensions?limit=100')).body;
    expect(left.map(({ _id }) => _id)).not.toContain(one._id);
    expect((await admin.get(`/api/admin/users/${two._id}`)).body).toMatchObject({ _id: two._id });
  });
});

describe('the trail', () => {
  it('has who did what to whom, the newest first, and no message text', async () => {
    const eve = await server.person('eve');
    const message = await eve.say(alice._id, 'unspeakable words');
    const { body } = await report(alice, { messageId: message._id, reason: 'a private reason' });
    await resolve(body._id, 'delete');
    await suspend(eve);
    await lift(eve);
    const trail = (await audit()).slice(0, 3);
    expect(trail).toMatchObject([
      { action: 'unsuspend', admin: { _id: admin._id }, person: { _id: eve._id } },
      { action: 'suspend', admin: { _id: admin._id }, person: { _id: eve._id } },
      { action: 'delete', person: { _id: eve._id }, messageId: message._id, reportId: body._id },
    ]);
    expect(JSON.stringify(trail)).not.toMatch(/unspeakable|private/);
    const page = await admin.get<AuditEntry[]>('/api/admin/audit?limit=2');
    expect(page.body).toEqual(trail.slice(0, 2));
    const next = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1] ?? '';
    expect((await admin.get<AuditEntry[]>(next)).body[0]).toEqual(trail[2]);
  });

  const about = async (userId: string): Promise<AuditEntry['action'][]> =>
    (await audit()).filter(({ person }) => person?._id === userId).map(({ action }) => action);

  it.each(['dismiss', 'delete', 'suspend'] as const)(
    'has an answer to a report once, also where the server died over it and it was given again: %s',
    async (action) => {
      const [eve, other] = await server.people('eve', 'admin');
      const message = await eve.say(alice._id, 'words');
      const [first, second] = [
        (await report(alice, { messageId: message._id, reason: 'a' })).body,
        (await report(alice, { userId: eve._id, reason: 'b' })).body,
      ];
      await server.store.connection
        .collection('users')
        .updateOne({ _id: new Types.ObjectId(other._id) }, { $set: { admin: true } });
      expect((await resolve(first._id, action)).status).toBe(200);
      // It was done and written down, and the report still waits.
      const reportRows = server.store.connection.collection('reports');
      await reportRows.updateOne(
        { _id: new Types.ObjectId(first._id) },
        { $set: { open: true }, $unset: { resolved: '' } },
      );
      const again = await resolve(first._id, action, other);
      expect(again.status).toBe(200);
      expect(again.body.resolved).toMatchObject({ action, by: { _id: admin._id } });
      expect(await about(eve._id)).toEqual([action]);
      // Another report is another matter.
      await resolve(second._id, 'dismiss');
      expect(await about(eve._id)).toEqual(['dismiss', action]);
    },
  );

  it('has a suspension and its end once, however often either was tried', async () => {
    const eve = await server.person('eve');
    const people = server.store.connection.collection('users');
    const _id = new Types.ObjectId(eve._id);
    await suspend(eve);
    await suspend(eve);
    const row = await people.findOne({ _id });
    await lift(eve);
    // As it is where the server died between writing it down and doing it.
    await people.updateOne({ _id }, { $set: { suspendedAt: row?.['suspendedAt'] as Date } });
    await lift(eve);
    await lift(eve);
    expect((await admin.get<AdminPerson>(`/api/admin/users/${eve._id}`)).body.suspendedAt).toBeNull();
    expect(await about(eve._id)).toEqual(['unsuspend', 'suspend']);
    await suspend(eve);
    expect(await about(eve._id)).toEqual(['suspend', 'unsuspend', 'suspend']);
  });

  it('is in the server’s log by its paths alone, without any message text', async () => {
    const eve = await server.person('eve');
    const message = await eve.say(alice._id, 'unspeakable words');
    const { body } = await report(alice, { messageId: message._id, reason: 'a private reason' });
    await resolve(body._id, 'delete');
    await suspend(eve);
    await audit();
    const logged = server.logged.join('');
    for (const path of [
      `/api/messages/send/${alice._id}`,
      '/api/reports',
      `/api/admin/reports/${body._id}/resolve`,
      `/api/admin/users/${eve._id}/suspension`,
    ])
      expect(logged).toContain(`"path":"${path}"`);
    expect(logged).not.toMatch(/unspeakable|private reason|something nasty/);
  });

  it('has no line for what was refused', async () => {
    const before = await audit();
    await suspend(admin);
    await suspend({ _id: 'f'.repeat(24) });
    await suspend(bob, alice);
    expect(await audit()).toEqual(before);
  });
});
