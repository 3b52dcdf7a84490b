import { mongo, Types } from 'mongoose';
import { rowOf, rowsOf } from './raw-rows.js';

const { BSON } = mongo;
const registers = [{ userId: new Types.ObjectId(), emojis: ['👍'], seq: 7 }];
/** One of each type that a database may hold. */
const row = {
  _id: new Types.ObjectId(),
  seq: 3,
  kind: 'message',
  at: new Date(),
  double: 0.5,
  long: 2 ** 40,
  yes: true,
  none: null,
  bytes: new mongo.Binary(Buffer.from('bytes')),
  pattern: /a+/i,
  code: new mongo.Code('x', { reactions: 1 }),
  decimal: mongo.Decimal128.fromString('1.5'),
  time: new mongo.Timestamp({ t: 1, i: 2 }),
  smallest: new mongo.MinKey(),
  largest: new mongo.MaxKey(),
  nested: { reactions: ['not these'] },
  reactionsOfOthers: ['nor these'],
};

it('a row is the same read as bytes, but for its reactions, which stay bytes', () => {
  const read = BSON.serialize({ ...row, reactions: registers, message: '가' });
  const [whole] = rowsOf([read]);
  const { reactions, ...rest } = whole as unknown as Record<string, unknown>;
  const { reactions: _, ...usual } = BSON.deserialize(read);
  expect(rest).toEqual(usual);
  expect(BSON.deserialize(reactions as Uint8Array)).toEqual({ 0: registers[0] });
});

it.each<[string, object]>([
  ['nobody has reacted', { reactions: [] }],
  ['there is no such field', {}],
  ['it is no list', { reactions: 'no list' }],
])('a row is the same where %s', (_what, more) => {
  const read = BSON.serialize({ ...row, ...more });
  expect(rowOf(read)).toEqual(BSON.deserialize(read));
});

it('null stays null, and a row that was not read as bytes is a bug', () => {
  expect(rowOf(null)).toBeNull();
  expect(() => rowOf(row)).toThrow(TypeError);
});
