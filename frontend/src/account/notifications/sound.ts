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
  /** Some browsers have no audio at all, or throw where others refuse: whatever keeps it from playing is a refusal. */
  const play = async (prepare: (sound: HTMLAudioElement) => void): Promise<HTMLAudioElement | null> => {
    try {
      const sound = element();
      prepare(sound);
      await sound.play();
      return sound;
    } catch {
      refused = true;
      return null;
    }
  };
  const unmute = (sound: HTMLAudioElement | null) => {
    if (sound !== null) sound.muted = false;
  };

  return {
    play: () => {
      // NotAllowedError before the first gesture; NotSupportedError without an audio device.
      void play((sound) => {
        // An unlocking that was never answered left it so.
        unmute(sound);
        sound.currentTime = 0;
      });
    },
    unlock: () => {
      if (!refused) return;
      refused = false;
      // Safari allows an element that was once played in a gesture; muted, so that nothing is heard of it.
      void play((sound) => {
        sound.muted = true;
      }).then((sound) => {
        // A message that came meanwhile is heard to its end.
        if (sound?.muted === true) sound.pause();
        unmute(audio);
      });
    },
  };
};
