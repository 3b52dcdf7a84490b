import { Component } from 'react';

type Props = { scroller: HTMLElement | null; firstItemIndex: number };

/**
 * Holds the message under the reader's eye while Virtuoso makes room for older ones above it. Virtuoso first guesses
 * their sizes and corrects itself one or two frames later; for these frames this shifts the picture back by as much as
 * the guess was wrong. A class, because only getSnapshotBeforeUpdate sees where the message was before.
 */
export class ScrollAnchor extends Component<Props> {
  private letGo: () => void = () => undefined;
  private endListening: () => void = () => undefined;
  private wentUpAt = Number.NEGATIVE_INFINITY;

  private listen(): void {
    this.endListening();
    const { scroller } = this.props;
    let before = scroller?.scrollTop ?? 0;
    const scrolled = () => {
      const now = scroller?.scrollTop ?? 0;
      if (now < before) this.wentUpAt = performance.now();
      else if (now > before) this.wentUpAt = Number.NEGATIVE_INFINITY;
      before = now;
    };
    scroller?.addEventListener('scroll', scrolled, { passive: true });
    this.endListening = () => scroller?.removeEventListener('scroll', scrolled);
  }

  override componentDidMount() {
    this.listen();
  }

  override getSnapshotBeforeUpdate(before: Props): null {
    const { scroller, firstItemIndex } = this.props;
    if (scroller !== null && firstItemIndex < before.firstItemIndex) {
      this.letGo();
      this.letGo = hold(scroller, performance.now() - this.wentUpAt < onTheWayMs);
    }
    return null;
  }

  // React wants it beside getSnapshotBeforeUpdate.
  override componentDidUpdate(before: Props) {
    if (before.scroller !== this.props.scroller) this.listen();
  }

  override componentWillUnmount() {
    this.letGo();
    this.endListening();
  }

  override render() {
    return null;
  }
}

/** Virtuoso needs two; slow machines get some more. As long as it still moves something, it gets them anew. */
const frames = 6;
const framesAtMost = 90;
/** Whoever scrolled upwards that recently is still on the way. */
const onTheWayMs = 250;

const hold = (scroller: HTMLElement, goesUp: boolean): (() => void) => {
  let onTheWay = goesUp;
  const picture = scroller.firstElementChild;
  const top = scroller.getBoundingClientRect().top;
  const eye = [...scroller.querySelectorAll<HTMLElement>('[data-seq]')].find(
    (row) => row.getBoundingClientRect().top >= top,
  );
  const seq = eye?.dataset.seq;
  if (!(picture instanceof HTMLElement) || eye === undefined || seq === undefined) return () => undefined;
  const place = eye.getBoundingClientRect().top;
  let shift = 0;
  let left = frames;
  let leftAtMost = framesAtMost;

  const steady = () => {
    // Looked up anew: the row may have been rendered again.
    const now = scroller.querySelector(`[data-seq="${seq}"]`)?.getBoundingClientRect().top;
    if (now === undefined) return;
    const next = place - (now - shift);
    if (Math.abs(next - shift) < 0.5) return;
    shift = next;
    if (!onTheWay) left = frames;
    picture.style.transform = Math.abs(shift) < 0.5 ? '' : `translateY(${shift}px)`;
  };
  // Whatever Virtuoso renders, this runs after it and before the paint.
  const changes = new MutationObserver(steady);
  changes.observe(scroller, { subtree: true, childList: true, attributes: true, attributeFilter: ['style'] });
  scroller.addEventListener('scroll', steady);
  // Whoever begins to move is not held back.
  const moves = () => {
    onTheWay = true;
  };
  scroller.addEventListener('wheel', moves, { passive: true });
  scroller.addEventListener('touchmove', moves, { passive: true });

  let frame = 0;
  const letGo = () => {
    cancelAnimationFrame(frame);
    changes.disconnect();
    scroller.removeEventListener('scroll', steady);
    scroller.removeEventListener('wheel', moves);
    scroller.removeEventListener('touchmove', moves);
    picture.style.transform = '';
  };
  const next = () => {
    steady();
    left -= 1;
    leftAtMost -= 1;
    // Virtuoso corrects itself only for those who scroll upwards. For a reader who has stopped, or who turned round, what
    // is left of the wrong guess is ours to take out.
    if (left <= 0 && !onTheWay && Math.abs(shift) >= 0.5) {
      scroller.scrollTop -= shift;
      steady();
    }
    if (left <= 0 || leftAtMost <= 0) letGo();
    else frame = requestAnimationFrame(next);
  };
  frame = requestAnimationFrame(next);
  return letGo;
};
