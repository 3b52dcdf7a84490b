// Makes the notification sound: two soft tones, a fourth apart, 0.36 s. Run: node scripts/make-sound.mjs
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const rate = 22_050; // The highest partial is 2.6 kHz: more would only be bytes.
const length = 0.36;
const tones = [
  { from: 0, pitch: 659.26, loudness: 0.5 }, // E5
  { from: 0.09, pitch: 880, loudness: 0.42 }, // A5
];
// A struck bar more than a beep: the overtones are quieter and die away faster.
const partials = [
  { times: 1, share: 1, fade: 9 },
  { times: 2, share: 0.22, fade: 16 },
  { times: 2.99, share: 0.07, fade: 26 },
];
const attack = 0.006; // Without it, the beginning clicks.
const release = 0.03; // And without this, the end.

const sampleAt = (time) => {
  let value = 0;
  for (const { from, pitch, loudness } of tones) {
    const since = time - from;
    if (since < 0) continue;
    const rise = Math.min(1, since / attack);
    for (const { times, share, fade } of partials)
      value +=
        loudness * rise * share * Math.exp(-fade * since) * Math.sin(2 * Math.PI * pitch * times * since);
  }
  return value * Math.min(1, (length - time) / release) * 0.7;
};

const count = Math.round(rate * length);
const data = Buffer.alloc(count * 2);
for (let i = 0; i < count; i += 1)
  data.writeInt16LE(Math.round(Math.max(-1, Math.min(1, sampleAt(i / rate))) * 32_767), i * 2);

// RIFF header: PCM, one channel, 16 bits.
const header = Buffer.alloc(44);
header.write('RIFF', 0);
header.writeUInt32LE(36 + data.length, 4);
header.write('WAVEfmt ', 8);
header.writeUInt32LE(16, 16);
header.writeUInt16LE(1, 20);
header.writeUInt16LE(1, 22);
header.writeUInt32LE(rate, 24);
header.writeUInt32LE(rate * 2, 28);
header.writeUInt16LE(2, 32);
header.writeUInt16LE(16, 34);
header.write('data', 36);
header.writeUInt32LE(data.length, 40);

const file = fileURLToPath(new URL('../frontend/public/sounds/message.wav', import.meta.url));
mkdirSync(fileURLToPath(new URL('.', `file://${file}`)), { recursive: true });
writeFileSync(file, Buffer.concat([header, data]));
console.log(`${file}: ${(44 + data.length).toLocaleString('en')} bytes`);
