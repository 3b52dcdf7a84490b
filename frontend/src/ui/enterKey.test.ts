import { decideEnter, type Composition, type KeyDown } from './enterKey';

const enter: KeyDown = {
  key: 'Enter',
  code: 'Enter',
  keyCode: 13,
  isComposing: false,
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  repeat: false,
};
const composingEnter: KeyDown = { ...enter, keyCode: 229, isComposing: true };
const idle: Composition = { open: false, endedJustNow: false, text: '', converted: false };
const composing = (text: string): Composition => ({ ...idle, open: true, text });
const endedJustNow = (text: string): Composition => ({ ...idle, endedJustNow: true, text });
const atDesk = { newLineOnTouch: false };
const onPhone = { newLineOnTouch: true };

describe('what an Enter means', () => {
  it('sends when somebody types in Latin', () => {
    expect(decideEnter(enter, idle, atDesk)).toBe('send');
  });

  it('sends also with the Enter of the number pad', () => {
    expect(decideEnter({ ...enter, code: 'NumpadEnter' }, idle, atDesk)).toBe('send');
  });

  it('makes a new line with Shift', () => {
    expect(decideEnter({ ...enter, shiftKey: true }, idle, atDesk)).toBe('leave');
  });

  it('makes a new line on a touch keyboard, where only Ctrl or Cmd sends', () => {
    expect(decideEnter(enter, idle, onPhone)).toBe('leave');
    expect(decideEnter({ ...enter, ctrlKey: true }, idle, onPhone)).toBe('send');
    expect(decideEnter({ ...enter, metaKey: true }, idle, onPhone)).toBe('send');
  });

  it('does nothing more while somebody holds the key down', () => {
    expect(decideEnter({ ...enter, repeat: true }, idle, atDesk)).toBe('swallow');
  });

  it('does not care about other keys', () => {
    expect(decideEnter({ ...enter, key: 'a', code: 'KeyA', keyCode: 65 }, idle, atDesk)).toBe('leave');
    expect(decideEnter({ ...composingEnter, key: 'Process', code: 'KeyA' }, composing('ㅇ'), atDesk)).toBe(
      'leave',
    );
  });

  describe('for somebody who types Korean', () => {
    it('sends once the last syllable is complete', () => {
      expect(decideEnter(composingEnter, composing('요'), atDesk)).toBe('sendWhenComposed');
    });

    it('understands systems that call the key Process', () => {
      expect(decideEnter({ ...composingEnter, key: 'Process' }, composing('요'), atDesk)).toBe(
        'sendWhenComposed',
      );
    });

    it('takes a lone consonant for Korean too', () => {
      expect(decideEnter(composingEnter, composing('ㅋ'), atDesk)).toBe('sendWhenComposed');
    });

    it('sends at the keydown that Safari tells after the composition', () => {
      expect(decideEnter({ ...enter, keyCode: 229 }, idle, atDesk)).toBe('swallow');
      expect(decideEnter({ ...enter, keyCode: 229 }, endedJustNow('요'), atDesk)).toBe('send');
      expect(decideEnter({ ...enter, keyCode: 229 }, { ...idle, text: '요' }, atDesk)).toBe('send');
    });

    it('does not send with the Enter that picks another text for the syllable', () => {
      const picked = { ...endedJustNow('한국'), converted: true };
      expect(decideEnter({ ...enter, keyCode: 229 }, picked, atDesk)).toBe('swallow');
      expect(decideEnter({ ...enter, keyCode: 229 }, endedJustNow('韓'), atDesk)).toBe('swallow');
    });

    it('waits with Ctrl+Enter as well', () => {
      expect(decideEnter({ ...composingEnter, ctrlKey: true }, composing('요'), atDesk)).toBe(
        'sendWhenComposed',
      );
    });

    it('makes a new line with Shift while composing', () => {
      expect(decideEnter({ ...composingEnter, shiftKey: true }, composing('요'), atDesk)).toBe('leave');
    });
  });

  describe('for somebody who types Japanese or Chinese', () => {
    it('picks a candidate and does not send', () => {
      expect(decideEnter(composingEnter, composing('にほん'), atDesk)).toBe('leave');
      expect(decideEnter(composingEnter, composing("ni'hao"), atDesk)).toBe('leave');
    });

    it('does not send either where the composition ends before the key is told', () => {
      expect(decideEnter({ ...enter, keyCode: 229 }, endedJustNow('日本'), atDesk)).toBe('swallow');
      expect(decideEnter(enter, endedJustNow('日本'), atDesk)).toBe('swallow');
    });

    it('sends with the next Enter', () => {
      expect(decideEnter(enter, { ...idle, text: '日本' }, atDesk)).toBe('send');
    });
  });
});
