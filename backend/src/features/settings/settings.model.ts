import type { Language } from '@sori/contract';
import { type Connection, type Model, Schema, type Types } from 'mongoose';

/** What a person has chosen; what is absent is as by default. Its `_id` is the person's. */
export interface SettingsRow {
  _id: Types.ObjectId;
  receipts?: boolean;
  typing?: boolean;
  language?: Language | null;
}

export function settingsOn(connection: Connection): Model<SettingsRow> {
  const schema = new Schema<SettingsRow>(
    { _id: Schema.Types.ObjectId, receipts: Boolean, typing: Boolean, language: String },
    { collection: 'settings', versionKey: false, autoIndex: false, autoCreate: false },
  );
  return connection.model<SettingsRow>('Settings', schema);
}
