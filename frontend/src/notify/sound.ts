export type Sound = {
  play: () => void;
  /** Inside a gesture of the person: what the browser refused before is allowed from here on. */
  unlock: () => void;
};

/** A refused play is silent: nobody wants to hear later, at the first click, what was missed before it. */
export const createSound = (
  createAudio: () => HTMLAudioElement = () => new Audio('/sounds/message.wav'),
): Sound => {
  let audio: HTMLAudioElement | null = null;
  let refused = false;

  const element = (): HTMLAudioElement => {
    if (audio === null) {
      audio = createAudio();
      audio.preload = 'auto';
    }
    return audio;
  };

  return {
    play: () => {
      const sound = element();
      sound.currentTime = 0;
      // NotAllowedError before the first gesture; NotSupportedError without an audio device.
      sound.play().catch(() => {
        refused = true;
      });
    },
    unlock: () => {
      const sound = element();
      if (!refused) return;
      refused = false;
      // Safari allows an element that was once played in a gesture; muted, so that nothing is heard of it.
      sound.muted = true;
      sound
        .play()
        .then(() => sound.pause())
        .catch(() => {
          refused = true;
        })
        .finally(() => {
          sound.muted = false;
        });
    },
  };
};
