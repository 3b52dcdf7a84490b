import type { GroupParts } from '../messages/threadParts';
import { EmptyGroup } from './EmptyGroup';
import { GoneNotice } from './GoneNotice';
import { GroupHeader } from './GroupHeader';

export const groupParts: GroupParts = { Header: GroupHeader, Empty: EmptyGroup, Gone: GoneNotice };
