import { useEffect } from 'react';
import { useClient } from '../../session/SocketContext';

/**
 * Browsers refuse to play before the person touched the page. Mount once, at the top of the app: the first gesture
 * makes the sound possible and makes this tab the one that plays.
 */
export function useSoundUnlock(): void {
  const { account } = useClient();
  useEffect(() => {
    const touched = () => account()?.notifier.gesture();
    // What browsers count as a gesture; captured, so that no component can swallow it.
    document.addEventListener('pointerdown', touched, true);
    document.addEventListener('keydown', touched, true);
    return () => {
      document.removeEventListener('pointerdown', touched, true);
      document.removeEventListener('keydown', touched, true);
    };
  }, [account]);
}
