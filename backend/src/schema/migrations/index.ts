import type { Migration } from '../migration.js';
import { usernameForms } from './0001-username-forms.js';
import { searchKeys } from './0002-search-keys.js';
import { roomMembers } from './0003-room-members.js';
import { joinedAt } from './0004-joined-at.js';

/** All of them, in order. One that was in a release is not changed any more: what it missed is for the next one to do. */
export const migrations: readonly Migration[] = [usernameForms, searchKeys, roomMembers, joinedAt];
