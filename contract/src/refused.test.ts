import type * as z from 'zod/mini';
import * as contract from './index.js';
import { issuesAt, type Place, placesIn, takenIn } from './testing/inputs.js';

/**
 * What is refused, and what is dropped, wherever it comes in: the doors (REST, the socket, `/open`) parse with these schemas
 * and are tried with one bad input each.
 */

const id = 'a'.repeat(24);
const once = 'once-1';
const aSecond = '2026-01-01T00:00:00.000Z';

/** One input of each kind that is taken. */
const good = {
  AddMembers: { userIds: [id] },
  AttachmentRef: { fileId: id, fromMessageId: id },
  AuditQuery: { limit: '5', before: id },
  BecomeAdmin: { code: 'code' },
  BootstrapQuery: { limit: '5', since: aSecond },
  ChangeBody: { clientId: once },
  ChangeGroup: { name: 'Hikers', history: 'all' },
  ChangeRole: { role: 'admin', clientId: once },
  ChangeRoom: { name: 'Cellar', language: 'ko', slowModeSeconds: 0, retentionHours: 1, guestFiles: true },
  ConversationsQuery: { limit: '5', before: 'opaque' },
  CreateGroup: { name: 'Hikers', memberIds: [id], history: 'all', clientId: once },
  CreateRoom: {
    name: 'Mine',
    slug: 'mine',
    language: 'en',
    slowModeSeconds: 5,
    retentionHours: 24,
    guestFiles: false,
  },
  DeleteMessage: { messageId: id, clientId: once },
  Departure: { clientId: once },
  DraftBody: { text: '', replyTo: id, rev: 1 },
  EditBody: { message: 'a', clientId: once },
  EditMessage: { messageId: id, message: 'a', clientId: once },
  EnterRoom: { nickname: '', language: 'en' },
  EntriesAfter: { conversationId: id, after: 0, limit: 1, epoch: 'e', targets: 'once' },
  EntriesQuery: { after: '0', limit: '1', epoch: 'e', targets: 'once' },
  FileQuery: { size: 'thumb', download: '1' },
  HistoryQuery: { limit: '100', before: '1' },
  Login: { username: 'alice', password: 'x' },
  MembersQuery: { search: 'a', limit: '5', after: id },
  MuteBody: { until: null },
  OpenChat: { type: 'chat', userName: '', message: '' },
  OpenMessage: { type: 'message', message: 'a' },
  PeopleByIds: { ids: id },
  PeopleQuery: { search: 'a', limit: '5', after: id },
  PinMessage: { messageId: id, pinned: true, clientId: once },
  PositionBody: { seq: 0 },
  ReactToMessage: { messageId: id, emojis: ['👍'], clientId: once },
  ReportBody: { userId: id, reason: 'rude' },
  ReportsQuery: { state: 'open', limit: '5', after: id },
  ResolveBody: { action: 'dismiss' },
  RoomTarget: { userId: id },
  SendBody: { message: 'a', clientId: once, replyTo: id, attachments: [] },
  SendMessage: { to: id, message: 'a', clientId: once, replyTo: id, attachments: [] },
  SetPosition: { conversationId: id, seq: 0 },
  SetTyping: { conversationId: id, typing: true },
  SettingsChange: { receipts: true, typing: false, language: null },
  SharedQuery: { kind: 'media', before: '1', limit: '5' },
  Signup: {
    fullName: 'Alice',
    username: 'alice',
    password: 'correct horse',
    confirmPassword: 'correct horse',
    gender: 'female',
    adminCode: 'code',
  },
  SuspensionsQuery: { limit: '5', after: id },
  UnreadBody: { seq: 1 },
  UploadMetadata: {
    filename: 'a',
    filetype: 'text/plain',
    duration: '1.5',
    peaks: Array(64).fill('0.5').join(','),
  },
  WatchPeople: { on: true },
  WatchPresence: { userIds: [id] },
} satisfies Partial<Record<keyof typeof contract, object>>;
type Input = keyof typeof good;
const inputs = Object.keys(good) as Input[];

const parse = (name: Input, input: unknown) => (contract[name] as z.ZodMiniType).safeParse(input);
const codesOf = (name: Input, input: unknown): string[] =>
  (parse(name, input).error?.issues ?? []).map((issue) =>
    issue.code === 'custom' && issue.params?.['code'] === 'TOO_LARGE' ? 'TOO_LARGE' : 'INVALID',
  );

describe('an input', () => {
  it('of every kind that can be sent is tried here', () => {
    const objects = takenIn.filter(({ schema }) => placesIn(schema)[0]?.kind === 'object');
    expect(objects.map(({ name }) => name).sort()).toEqual(inputs);
  });

  it.each(inputs)('of the kind %s is taken', (name) => {
    expect(parse(name, good[name])).toMatchObject({ success: true });
  });

  it.each(inputs)('of the kind %s loses what nobody asked for, and reaches no prototype', (name) => {
    const more =
      '"$set":{"admin":true},"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}';
    const input = JSON.parse(`${JSON.stringify(good[name]).slice(0, -1)},${more}}`) as object;
    expect(Object.keys(input)).toEqual(expect.arrayContaining(['$set', '__proto__', 'constructor']));
    const { data } = parse(name, input);
    expect(Object.keys(data as object)).toEqual(Object.keys(parse(name, good[name]).data as object));
    expect(data).not.toHaveProperty('polluted');
    expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
    expect({}).not.toHaveProperty('polluted');
  });

  it.each(inputs)('of the kind %s is an object', (name) => {
    for (const wrong of [undefined, null, 7, true, 'text', [good[name]]])
      expect(parse(name, wrong).success).toBe(false);
  });
});

/** What can stand nowhere but in a place of its own kind. */
const kinds: Record<Place['kind'], unknown> = {
  text: 'text',
  list: ['a'],
  object: { $ne: null },
  number: 7,
  boolean: true,
};

it.each(takenIn)(
  '$name takes no value of a wrong type anywhere, database operators least of all',
  ({ schema }) => {
    for (const place of placesIn(schema)) {
      const wrong = Object.entries(kinds).flatMap(([kind, value]) => (kind === place.kind ? [] : [value]));
      for (const value of [...wrong, ...(place.orNull ? [] : [null]), Number.NaN]) {
        const { path } = place;
        const { length } = issuesAt(schema, place, value);
        expect({ path, value, isRefused: length > 0 }).toEqual({ path, value, isRefused: true });
      }
    }
  },
);

const many = <T>(length: number, value: T): T[] => Array<T>(length).fill(value);
const digits = (...wrong: string[]): string[] => ['', 'x', '-1', '1.5', '1e2', ' 1', ...wrong];
const password = (given: string): object => ({ password: given, confirmPassword: given });

/** By the input and its field: what is refused there, and would otherwise be good. */
const refused: [Input, string, unknown[]][] = [
  ['SendBody', 'message', [undefined, '', ' \n\t\u3000', 'a\0b', 'a\ud800b', '\udfff']],
  ['SendBody', 'clientId', ['', ':mine', 'a b', 'x'.repeat(65)]],
  ['SendBody', 'replyTo', ['first', '1'.repeat(23), `${'1'.repeat(23)}g`, '1'.repeat(25)]],
  ['SendBody', 'attachments', [['file']]],
  ['SendMessage', 'to', [undefined, 'bob', "a'b", '%00']],
  ['SendMessage', 'clientId', [undefined]],
  ['EditBody', 'message', [undefined, 'a\0b']],
  ['FileQuery', 'size', ['', 'huge', 'THUMB']],
  ['FileQuery', 'download', ['', '0', 'yes']],
  ['SharedQuery', 'kind', [undefined, 'all']],
  ['SharedQuery', 'before', digits('0')],
  ['UploadMetadata', 'filename', ['a'.repeat(5_000)]],
  ['UploadMetadata', 'duration', ['long', '-1', '1e9', 'Infinity', 'NaN']],
  ['UploadMetadata', 'peaks', ['', '1', many(64, '2').join(','), many(65, '0').join(), many(64, 'x').join()]],
  ['ReactToMessage', 'emojis', [undefined, ['no'], ['👍👍'], [''], many(21, '👍')]],
  ['PinMessage', 'pinned', [undefined, 'true', 1]],
  ['HistoryQuery', 'limit', digits('0', 'ten')],
  ['HistoryQuery', 'before', digits('0')],
  ['HistoryQuery', 'after', [...digits(), '0']],
  ['HistoryQuery', 'around', [...digits('0'), '1', 'null']],
  ['EntriesQuery', 'after', digits()],
  ['EntriesQuery', 'limit', digits('0')],
  ['EntriesQuery', 'targets', ['twice', '', 'ONCE']],
  ['EntriesAfter', 'after', [undefined, -1, 1.5, 1e300, '0']],
  ['EntriesAfter', 'limit', [0, 1.5, '5']],
  ['EntriesAfter', 'targets', ['twice', '', 'ONCE']],
  ['ConversationsQuery', 'limit', digits('0')],
  ['ConversationsQuery', 'before', ['A'.repeat(201), ['a', 'b']]],
  ['SetPosition', 'seq', [undefined, -1, 1.5, '1']],
  ['SetPosition', 'conversationId', [undefined, 'x']],
  ['PositionBody', 'seq', [undefined, -1, 1.5, '1']],
  ['UnreadBody', 'seq', [undefined, 0, 1.5, '1']],
  ['DraftBody', 'text', [undefined, 'a\0b', '\ud800']],
  ['DraftBody', 'replyTo', ['no id']],
  ['DraftBody', 'rev', [undefined, 0, 1.5, '1']],
  ['MuteBody', 'until', [undefined, 'tomorrow', 0, { $date: 0 }]],
  ['MuteBody', 'forSeconds', [60, 0, -1, 1.5, 1e12, '3600', null]],
  ['CreateGroup', 'name', [undefined, '', '   ', '\u200b', 'a\u202eb', 'x'.repeat(81)]],
  ['CreateGroup', 'memberIds', [undefined, 'x', ['x'], [7], many(5_001, id)]],
  ['CreateGroup', 'history', ['none']],
  ['AddMembers', 'userIds', [undefined, [], ['x']]],
  ['ChangeRole', 'role', [undefined, 'king']],
  ['CreateRoom', 'name', [undefined, ' ', 'x'.repeat(81), 'a\u202eb']],
  ['CreateRoom', 'slug', ['a/b', '', 'a', 'a--b', '-a', 'x'.repeat(49)]],
  ['CreateRoom', 'language', [undefined, 'fr']],
  ['CreateRoom', 'slowModeSeconds', [-1, '5', 1e9]],
  ['CreateRoom', 'retentionHours', [0, -1, '5', 1e9]],
  ['CreateRoom', 'guestFiles', ['no', 1, null]],
  ['ChangeRoom', 'name', ['']],
  ['ChangeRoom', 'language', ['xx']],
  ['ChangeRoom', 'slowModeSeconds', [-1]],
  ['ChangeRoom', 'retentionHours', [0]],
  ['EnterRoom', 'nickname', ['a\0b', 'x'.repeat(51)]],
  ['OpenMessage', 'type', [undefined, 'notice']],
  ['OpenMessage', 'message', [undefined]],
  ['OpenChat', 'type', [undefined, 'message']],
  ['ReportBody', 'userId', [undefined, 'x']],
  ['ReportBody', 'messageId', [id]],
  ['ReportBody', 'reason', [undefined, '', '  ', 'a\0b', 'x'.repeat(1_001)]],
  ['ResolveBody', 'action', [undefined, 'explode']],
  ['ReportsQuery', 'state', ['closed']],
  ['SettingsChange', 'receipts', ['no', 0]],
  ['SettingsChange', 'typing', [null]],
  ['SettingsChange', 'language', ['fr']],
  ['SetTyping', 'typing', [undefined, 'true']],
  ['WatchPresence', 'userIds', [undefined, id, many(501, id)]],
  ['WatchPeople', 'on', [undefined, 'true']],
  ['BootstrapQuery', 'limit', digits('0', 'many')],
  ['BootstrapQuery', 'since', ['yesterday', '']],
  ['PeopleQuery', 'limit', digits('0', 'ten')],
  ['PeopleQuery', 'after', ['nobody']],
  ['PeopleQuery', 'search', [['a', 'b'], '\0', 'a'.repeat(101)]],
  ['PeopleByIds', 'ids', [many(101, id).join(), 'x'.repeat(5_000), 'alice', `${id},`, [id, id]]],
  ['Login', 'username', [undefined, 'b'.repeat(5_000)]],
  ['Login', 'password', [undefined, 'b'.repeat(5_000)]],
  ['Signup', 'username', [undefined, 'a', 'a'.repeat(33), 'al ice', '\u3164\u3164', 'ali\u200bce', 'аlice']],
  ['Signup', 'fullName', [undefined, '  ', 'a'.repeat(51), 'a\u202eb', 'a\ud800']],
  ['Signup', 'confirmPassword', [undefined, 'correct house']],
];

describe('is refused', () => {
  it.each(refused.flatMap(([name, field, values]) => values.map((value) => [name, field, value] as const)))(
    '%s with its %s being %p',
    (name, field, value) => {
      const codes = codesOf(name, { ...good[name], [field]: value });
      expect(codes.length).toBeGreaterThan(0);
      expect(new Set(codes)).toEqual(new Set(['INVALID']));
    },
  );

  it.each([
    ['of seven characters', 'seven77'],
    ['of seven bytes of four syllables in pieces', '가나다라'.normalize('NFD')],
    ['of 73 bytes', 'a'.repeat(73)],
    ['of 25 Korean syllables', '가'.repeat(25)],
    ['with a NUL', 'correct\0horse'],
  ])('a password %s', (_what, given) => {
    expect(codesOf('Signup', { ...good.Signup, ...password(given) })).toContain('INVALID');
  });

  it.each(['SendBody', 'SendMessage', 'EditBody', 'EditMessage'] as const)(
    'a text of 8,001 characters in %s, as too large, however they are coded',
    (name) => {
      const longest = '😀'.repeat(8_000);
      expect(codesOf(name, { ...good[name], message: ` ${longest} ` })).toEqual([]);
      for (const message of [`${longest}a`, 'x'.repeat(8_001), 'x'.repeat(5_000_000)])
        expect(codesOf(name, { ...good[name], message })).toEqual(['TOO_LARGE']);
    },
  );

  it('a draft of 8,001 characters, as too large', () => {
    const longest = '😀'.repeat(8_000);
    expect(codesOf('DraftBody', { text: longest, rev: 1 })).toEqual([]);
    expect(codesOf('DraftBody', { text: `${longest}a`, rev: 1 })).toEqual(['TOO_LARGE']);
  });
});

describe('is taken', () => {
  it('a limit above the largest, as the largest', () => {
    expect(contract.HistoryQuery.parse({ limit: '100000' }).limit).toBe(100);
    expect(contract.EntriesQuery.parse({ limit: '100000' }).limit).toBe(500);
    expect(contract.EntriesAfter.parse({ ...good.EntriesAfter, limit: 1e9 }).limit).toBe(500);
  });

  it('a password of 72 bytes, measured as it is kept', () => {
    for (const given of ['가'.repeat(24), '각'.repeat(24).normalize('NFD')])
      expect(codesOf('Signup', { ...good.Signup, ...password(given) })).toEqual([]);
  });

  it('five hundred people to be watched, and a group of five thousand', () => {
    expect(parse('WatchPresence', { userIds: many(500, id) }).success).toBe(true);
    expect(parse('CreateGroup', { ...good.CreateGroup, memberIds: many(5_000, id) }).success).toBe(true);
  });

  it('an impossible name at log-in, as one that nobody has', () => {
    for (const username of ['\0', '\ud800', '', '{"$ne":null}'])
      expect(parse('Login', { ...good.Login, username }).success).toBe(true);
  });
});
