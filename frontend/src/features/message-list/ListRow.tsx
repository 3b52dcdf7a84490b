import { NoticeLines } from '../notices/NoticeLines';
import type { Target } from '../conversations/target';
import { Comings } from './Comings';
import { Beginning } from './ListEnds';
import { MessageRow } from '../messages/MessageRow';
import { RowHead } from '../messages/RowHead';
import type { ThreadRow } from '../messages/threadRow';
import type { ComingsByRow } from './useComings';
import type { ReachedRow } from './useReached';
import type { Thread } from './useThread';

type Props = {
  row: ThreadRow;
  /** Its place among the rows that are loaded. */
  index: number;
  target: Target;
  thread: Thread;
  name: string;
  toSelf: boolean;
  comings: ComingsByRow;
  /** The seqs of what stands out, and of what shakes. */
  marked: number | null;
  shaking: number | null;
  onShaken: () => void;
  reached: ReachedRow;
};

/** A message with all that stands above and below it in the list. */
export function ListRow(props: Props) {
  const { row, index, target, thread, name, toSelf, comings, marked, shaking, onShaken, reached } = props;
  const { rows, conversation } = thread;
  return (
    <>
      {index === 0 && !thread.hasOlder && <Beginning thread={thread} name={name} toSelf={toSelf} />}
      <RowHead row={row} />
      <Comings comings={comings.above(row.key)} />
      <MessageRow
        row={row}
        target={target}
        showAuthor={conversation !== null && conversation.kind !== 'direct'}
        showStatus={row.endsGroup || row.status !== rows[index + 1]?.status}
        shaking={row.seq !== null && row.seq === shaking}
        onShaken={onShaken}
        marked={row.seq !== null && row.seq === marked}
        isStop={reached.isStop(row.key, index)}
        isReached={reached.isReached(row.key)}
        onReached={reached.onReached}
      />
      <NoticeLines notices={row.noticesBelow} />
      {index === rows.length - 1 && <Comings comings={comings.below} />}
    </>
  );
}
