import { type Court, rowsOf } from './court.js';
import type { Intent, LogRow } from './evidence.js';
import { keyOf } from './fold.js';
import { couldComeToNothing, wasEverOut } from './membership.js';

/** I3, and that what was refused is not there. */
export function checkIntents(court: Court): void {
  const { intents, hold } = court;
  const rows = new Map<string, Map<string, LogRow>>();
  for (const [id, list] of court.log) {
    rows.set(id, new Map(list.map((row) => [keyOf(row.senderId, row.clientId), row])));
  }
  for (const intent of intents) {
    const row = rows.get(intent.conversationId)?.get(keyOf(intent.userId, intent.clientId));
    const name = `${intent.kind} ${intent.clientId} in ${intent.conversationId}`;
    if (row) {
      hold('I3', row.kind === intent.kind, () => `${name} is in the log as a ${row.kind}`);
    }
    if (intent.state === 'refused') {
      // Too late for a message that was deleted meanwhile: whether an earlier try of it landed, it changed nothing.
      const absorbed = court.folds.get(intent.conversationId)?.get(intent.targetSeq ?? 0)?.deleted === true;
      // Once somebody is out of a group, it does not exist for them, nor what an earlier try of theirs stored there.
      const isOut = court.groups.has(intent.conversationId) && intent.code === 'NOT_FOUND';
      hold(
        'refused',
        !row || absorbed || isOut,
        () => `${name} was refused (${intent.code ?? ''}), and is at seq ${row?.seq ?? 0}`,
      );
      if (isOut) {
        hold(
          'refused',
          wasEverOut(court.stays.get(intent.conversationId) ?? new Map(), intent.userId),
          () => `${name} was refused (NOT_FOUND), and ${intent.userId} was in there all the time`,
        );
      }
    }
    if (intent.state !== 'acknowledged') continue;
    if (intent.kind === 'message') {
      const { answer } = intent;
      const same = row && answer && row.seq === answer.seq && row._id === answer._id;
      hold(
        'I3',
        same === true,
        () =>
          `${name} was acknowledged as seq ${answer?.seq ?? 0}, the log has it at ${row?.seq ?? 'no place'}`,
      );
    } else {
      hold(
        'I3',
        row !== undefined || isExplained(court, intent),
        () => `${name} was acknowledged, and is not there`,
      );
    }
  }
}

/** I3 for comings and goings: what was answered is in the log once, as it was asked for, and what was refused is not. */
export function checkComings({ comings, log, hold }: Court): void {
  const rows = new Map<string, LogRow>();
  for (const [id, list] of log)
    for (const row of list) rows.set(`${id} ${keyOf(row.senderId, row.clientId)}`, row);
  for (const { clientId, conversationId, userId, change, whom, state, code } of comings) {
    const row = rows.get(`${conversationId} ${keyOf(userId, clientId)}`);
    const name = `${change} ${clientId}, of ${whom} in ${conversationId}`;
    const isSame = row?.kind === 'member' && row.change === change && row.userIds?.join() === whom;
    if (row) hold('I3', isSame, () => `${name} is in the log as a ${row.change ?? row.kind}`);
    if (state === 'acknowledged') {
      // Who is in already does not come: by themselves, where they were taken in meanwhile.
      const explained =
        (change === 'added' && couldComeToNothing(log.get(conversationId) ?? [], whom)) ||
        change === 'joined';
      hold('I3', row !== undefined || explained, () => `${name} was acknowledged, and is not there`);
    }
    // To who has left there is no such group any more: an earlier try may have been the one.
    if (state === 'refused' && change !== 'left' && change !== 'joined')
      hold('refused', !row, () => `${name} was refused (${code ?? ''}), and is at seq ${row?.seq ?? 0}`);
  }
}

/**
 * A change that changes nothing makes no entry: true where another entry by the same person had done the same before.
 * The texts of edits are all different, so an acknowledged edit is always there.
 */
function isExplained(court: Court, intent: Intent): boolean {
  const same = rowsOf(court, intent.conversationId).filter(
    (row) => row.kind === intent.kind && row.targetSeq === intent.targetSeq,
  );
  const own = same.filter((row) => row.senderId === intent.userId);
  switch (intent.kind) {
    case 'delete':
      return own.length > 0;
    case 'pin':
      return intent.pinned === false || same.some((row) => row.pinned === true);
    case 'react': {
      const { single, emojis = [] } = intent;
      if (single) return !single.on || own.some((row) => row.emojis?.includes(single.emoji));
      return emojis.length === 0 || own.some((row) => row.emojis?.join() === emojis.join());
    }
    default:
      return false;
  }
}
