import { Component } from 'react';

type Props = { scroller: HTMLElement | null; firstItemIndex: number };

/**
 * Holds the message under the reader's eye while Virtuoso makes room for older ones above it. Virtuoso first guesses
 * their sizes and corrects itself one or two frames later; for these frames this shifts the picture back by as much as
 * the guess was wrong. A class, because only getSnapshotBeforeUpdate sees where the message was before.
 */
export class SteadyEye extends Component<Props> {
  private letGo: () => void = () => undefined;

  override getSnapshotBeforeUpdate(before: Props): null {
    const { scroller, firstItemIndex } = this.props;
    if (scroller !== null && firstItemIndex < before.firstItemIndex) {
      this.letGo();
      this.letGo = hold(scroller);
    }
    return null;
  }

  // React wants it beside getSnapshotBeforeUpdate.
  override componentDidUpdate() {}

  override componentWillUnmount() {
    this.letGo();
  }

  override render() {
    return null;
  }
}

/** Virtuoso needs two; slow machines get some more. */
const frames = 6;

const hold = (scroller: HTMLElement): (() => void) => {
  const picture = scroller.firstElementChild;
  const top = scroller.getBoundingClientRect().top;
  const eye = [...scroller.querySelectorAll<HTMLElement>('[data-seq]')].find(
    (row) => row.getBoundingClientRect().top >= top,
  );
  const seq = eye?.dataset.seq;
  if (!(picture instanceof HTMLElement) || eye === undefined || seq === undefined) return () => undefined;
  const place = eye.getBoundingClientRect().top;
  let shift = 0;

  const steady = () => {
    // Looked up anew: the row may have been rendered again.
    const now = scroller.querySelector(`[data-seq="${seq}"]`)?.getBoundingClientRect().top;
    if (now === undefined) return;
    const next = place - (now - shift);
    if (Math.abs(next - shift) < 0.5) return;
    shift = next;
    picture.style.transform = Math.abs(shift) < 0.5 ? '' : `translateY(${shift}px)`;
  };
  // Whatever Virtuoso renders, this runs after it and before the paint.
  const changes = new MutationObserver(steady);
  changes.observe(scroller, { subtree: true, childList: true, attributes: true, attributeFilter: ['style'] });
  scroller.addEventListener('scroll', steady);

  let left = frames;
  let frame = 0;
  const letGo = () => {
    cancelAnimationFrame(frame);
    changes.disconnect();
    scroller.removeEventListener('scroll', steady);
    picture.style.transform = '';
  };
  const next = () => {
    left -= 1;
    if (left === 0) letGo();
    else {
      steady();
      frame = requestAnimationFrame(next);
    }
  };
  frame = requestAnimationFrame(next);
  return letGo;
};
