import { createGiveWay } from './give-way.js';

it('a loop over many rows yields to others every few milliseconds, and not at every row', async () => {
  let now = 0;
  const giveWay = createGiveWay(() => now);
  const order: string[] = [];
  setImmediate(() => order.push('somebody else'));
  for (let row = 1; row <= 6; row += 1) {
    order.push(`row ${row}`);
    now += 2;
    await giveWay();
  }
  expect(order).toEqual(['row 1', 'row 2', 'row 3', 'somebody else', 'row 4', 'row 5', 'row 6']);
});
