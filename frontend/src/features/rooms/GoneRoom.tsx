import { useNavigate } from 'react-router';
import { RoomGone } from './RoomNotices';

/** In place of a room that this person is not in any more; the way back in leads through its door. */
export function GoneRoom({ gone: { slug } }: { gone: { slug: string } }) {
  const navigate = useNavigate();
  return <RoomGone slug={slug} onEnter={() => void navigate(`/open/${slug}`, { replace: true })} />;
}
