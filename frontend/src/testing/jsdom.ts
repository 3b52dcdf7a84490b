/** What every browser has and jsdom does not. */
import { TextDecoder, TextEncoder } from 'node:util';

class NoResizeObserver {
  observe() {}
  unobserve() {}
  disconnect() {}
}

if (typeof window !== 'undefined') {
  Object.assign(globalThis, { TextEncoder, TextDecoder, ResizeObserver: NoResizeObserver });
  Object.assign(Element.prototype, {
    hasPointerCapture: () => false,
    setPointerCapture: () => undefined,
    releasePointerCapture: () => undefined,
    scrollIntoView: () => undefined,
  });
}
