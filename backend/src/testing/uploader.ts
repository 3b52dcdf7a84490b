import { createDiskStore } from '../files/disk.js';
import { bytesAt } from './bytes-at.js';

/** A server that takes an upload without end, to be killed: `uploader.ts FOLDER ID OFFSET`. */

const pieceBytes = 64 * 1024;

async function* endless(from: number): AsyncGenerator<Uint8Array> {
  for (let at = from; ; at += pieceBytes) {
    // Whoever reads the message knows that so many bytes were taken.
    process.send?.(at);
    yield await Promise.resolve(bytesAt(at, pieceBytes));
  }
}

// Without whoever reads the messages it would go on until the disk is full.
process.on('disconnect', () => process.exit(0));

const [folder = '', id = '', offset = ''] = process.argv.slice(2);
void createDiskStore(folder).write(id, Number(offset), endless(Number(offset)));
