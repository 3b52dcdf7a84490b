import { useEffect, useState } from 'react';
import { useClient } from '../../session/SocketContext';

/**
 * Where a file of this person's is shown from while it is on its way, and afterwards as long as the page is there, so that
 * nothing changes when it has arrived. Null where only the server has it.
 */
export function useLocalUrl(id: string, isOnItsWay: boolean): string | null {
  const { account } = useClient();
  const [, setFound] = useState(false);
  const uploads = account()?.uploads;
  const url = uploads?.url(id) ?? null;
  const isSought = isOnItsWay && url === null;
  useEffect(() => {
    if (!isSought || uploads === undefined) return;
    let wanted = true;
    void uploads.find(id).then((blob) => {
      if (wanted && blob !== null) setFound(true);
    });
    return () => {
      wanted = false;
    };
  }, [id, isSought, uploads]);
  return url;
}
