/**
 * `npm run fsck`: checks every log and its projections (I1, I2, I6, I8, I9, I10, I12 in groups, I13), through the running
 * server's database or with an engine of its own where nothing runs; and that messages have their files. Changes nothing.
 */
import type { Types } from 'mongoose';
import { loadConfig } from '../config.js';
import { type CheckedFiles, checkFiles } from '../features/files/check-files.js';
import { filesOn } from '../features/files/file.model.js';
import { membersOn } from '../features/members/members.model.js';
import { type Checked, fsck } from '../conversation-log/fsck.js';
import { conversationsOn } from '../conversation-log/conversations.model.js';
import { entriesOn } from '../conversation-log/entries.model.js';
import { createHomes } from '../files/homes.js';
import { setAsideIn, setAsideOn } from '../conversation-log/set-aside.js';
import { serversOn } from '../servers/servers.model.js';
import { openStore } from './open-store.js';

/** A running server writes heads behind and repairs what it finds: so long it may take for a finding to go away. */
const looks = 5;
const betweenLooksMs = 500;
const shownAtMost = 50;
/** Who waits for it sees that it goes on. */
const reportedEveryMs = 3_000;

const lookAgain = (): Promise<void> => new Promise((resume) => setTimeout(resume, betweenLooksMs));

async function run(): Promise<Checked & { files: CheckedFiles }> {
  const config = loadConfig();
  const { store, close } = await openStore(config);
  try {
    const members = membersOn(store.upkeep);
    const asides = setAsideOn(store.upkeep);
    const deps = {
      entries: entriesOn(store.upkeep),
      conversations: conversationsOn(store.upkeep),
      async membersOf(conversationId: Types.ObjectId) {
        const rows = await members.find({ conversationId }).lean();
        return rows.map((row) => ({ ...row, userId: row.userId.toHexString() }));
      },
      setAsideOf: (conversationId: Types.ObjectId) => setAsideIn(asides, conversationId),
      severalServers: (await serversOn(store.upkeep).estimatedDocumentCount()) > 1,
    };
    const of = await deps.conversations.estimatedDocumentCount();
    let reportedAt = performance.now();
    const checked = await fsck(deps, undefined, ({ conversations, entries }) => {
      if (performance.now() - reportedAt < reportedEveryMs) return;
      reportedAt = performance.now();
      console.error(`Checked ${conversations} of about ${of} conversations, ${entries} entries…`);
    });
    for (let look = 1; look < looks && checked.findings.length > 0; look += 1) {
      await lookAgain();
      const doubtful = [...new Set(checked.findings.map((finding) => finding.conversationId))];
      checked.findings = (await fsck(deps, doubtful)).findings;
    }
    const homes = createHomes({ ...config.files, store, dataDir: config.dataDir }).all;
    const files = await checkFiles({ rows: filesOn(store.upkeep), entries: deps.entries, homes }, lookAgain);
    return { ...checked, files };
  } finally {
    await close();
  }
}

run().then(
  ({ conversations, entries, behind, setAside, files, findings: ofLogs }) => {
    const findings = [
      ...ofLogs.map(({ invariant, conversationId, what }) => `${invariant}  ${conversationId}  ${what}`),
      ...files.findings.map((what) => `files  ${what}`),
    ];
    console.log(
      `Checked ${entries} entries of ${conversations} conversations and ${files.files} files: ${findings.length} findings.`,
    );
    if (behind > 0)
      console.log(`${behind} heads lag behind their logs; the server repairs them when it runs.`);
    if (setAside.length > 0)
      console.log(
        `${setAside.length} entries can never be applied and were set aside; they changed nothing.`,
      );
    for (const { conversationId, seq, kind, reason, at } of setAside.slice(-shownAtMost)) {
      console.log(`set aside  ${conversationId}  seq ${seq} (${kind}), ${reason}, ${at.toISOString()}`);
    }
    for (const finding of findings.slice(0, shownAtMost)) console.log(finding);
    if (findings.length > shownAtMost) console.log(`… and ${findings.length - shownAtMost} more`);
    process.exitCode = findings.length === 0 ? 0 : 1;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  },
);
