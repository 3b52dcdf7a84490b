import { memo } from 'react';
import { NoticeLines } from '../notices/NoticeLines';
import { dayOf } from '../../i18n/days';
import { DaySeparator, UnreadDivider, WaitingAbove } from './Separators';
import type { ThreadRow } from './threadRow';

/** What stands between a message and the one before it. Part of its row, so that rows and messages stay one to one. */
export const RowHead = memo(function RowHead({ row }: { row: ThreadRow }) {
  const { day, noticesAbove, waitingAbove, unreadDivider } = row;
  const ofToday = day === null ? 0 : noticesAbove.findIndex(({ at }) => dayOf(at) >= day);
  const split = ofToday < 0 ? noticesAbove.length : ofToday;
  return (
    <>
      {waitingAbove > 0 && <WaitingAbove count={waitingAbove} />}
      {split > 0 && <NoticeLines notices={noticesAbove.slice(0, split)} />}
      {day !== null && <DaySeparator day={day} />}
      {split < noticesAbove.length && <NoticeLines notices={noticesAbove.slice(split)} />}
      {unreadDivider && <UnreadDivider />}
    </>
  );
});
