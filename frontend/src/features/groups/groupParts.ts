import type { GroupParts } from '../thread/threadParts';
import { EmptyGroup } from './EmptyGroup';
import { GoneNotice } from './GoneNotice';
import { GroupHeader } from './GroupHeader';

export const groupParts: GroupParts = { Header: GroupHeader, Empty: EmptyGroup, Gone: GoneNotice };
