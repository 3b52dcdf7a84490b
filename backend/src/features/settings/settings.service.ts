import type { Settings, SettingsChange } from '@sori/contract';
import { LRUCache } from 'lru-cache';
import type { Connection } from 'mongoose';
import type { Caller } from '../../core/caller.js';
import { upsert } from '../../database/duplicate-key.js';
import { settingsOn, type SettingsRow } from './settings.model.js';

export interface SettingsDeps {
  connection: Connection;
  /** How long what was read is believed, in milliseconds: what another server changes is not always heard of. */
  trustedForMs: () => number;
  /** Somebody chose something on this server. */
  changed: (userId: string) => void;
}

export type SettingsService = ReturnType<typeof createSettings>;

const defaults: Settings = { receipts: true, typing: true, language: null };
const toSettings = (row: SettingsRow | null | undefined): Settings => ({
  receipts: row?.receipts ?? defaults.receipts,
  typing: row?.typing ?? defaults.typing,
  language: row?.language ?? defaults.language,
});

/** What people have chosen for all their devices. */
export function createSettings({ connection, trustedForMs, changed }: SettingsDeps) {
  const rows = settingsOn(connection);
  const known = new LRUCache<string, { settings: Settings; readAt: number }>({ max: 50_000 });
  let changes = 0;

  /** Of each of these people; whoever never chose anything has what everybody begins with. */
  async function of(userIds: readonly string[]): Promise<Map<string, Settings>> {
    const settings = new Map<string, Settings>();
    const unknown: string[] = [];
    for (const id of userIds) {
      const one = known.get(id);
      if (one && performance.now() - one.readAt < trustedForMs()) settings.set(id, one.settings);
      else unknown.push(id);
    }
    if (unknown.length === 0) return settings;
    const changesBefore = changes;
    const readAt = performance.now();
    const found = await rows.find({ _id: { $in: unknown } }).lean();
    const byId = new Map(found.map((row) => [row._id.toHexString(), row]));
    for (const id of unknown) {
      const one = toSettings(byId.get(id));
      settings.set(id, one);
      // What was changed while it was being read may have been read as it was before.
      if (changes === changesBefore) known.set(id, { settings: one, readAt });
    }
    return settings;
  }

  function forget(userId: string): void {
    changes += 1;
    known.delete(userId);
  }

  async function get(userId: string): Promise<Settings> {
    return (await of([userId])).get(userId) ?? defaults;
  }

  /** Changes what is named and leaves the rest. */
  async function change(
    { userId }: Caller,
    { receipts, typing, language }: SettingsChange,
  ): Promise<Settings> {
    const set = {
      ...(receipts === undefined ? {} : { receipts }),
      ...(typing === undefined ? {} : { typing }),
      ...(language === undefined ? {} : { language }),
    };
    if (Object.keys(set).length === 0) return get(userId);
    const options = { upsert: true, returnDocument: 'after' } as const;
    const write = () => rows.findOneAndUpdate({ _id: userId }, { $set: set }, options).lean();
    try {
      // Two devices may choose for the first time at once.
      return toSettings(await upsert(write));
    } finally {
      // Also where it failed: it may have been stored nevertheless.
      forget(userId);
      changed(userId);
    }
  }

  return {
    get,
    change,

    /** They chose something on another server. */
    changedElsewhere: forget,

    /** Those among these people who exchange receipts: who is not shown what others read does not show it either. */
    async withReceipts(userIds: readonly string[]): Promise<Set<string>> {
      const settings = await of(userIds);
      return new Set(userIds.filter((id) => settings.get(id)?.receipts));
    },

    async showsTyping(userId: string): Promise<boolean> {
      return (await get(userId)).typing;
    },
  };
}
