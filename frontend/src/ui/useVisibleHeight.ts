import { useEffect } from 'react';

/**
 * The height that an on-screen keyboard leaves, as `--visible-height`. Chrome resizes the page by itself
 * (interactive-widget in index.html); Safari lays the keyboard over it and only tells visualViewport.
 */
export function useVisibleHeight(): void {
  useEffect(() => {
    const viewport = window.visualViewport;
    if (viewport === null) return;
    const fit = () => {
      // Zoomed in, the visible part is small because the person wants it so.
      if (viewport.scale > 1.01) return;
      document.documentElement.style.setProperty('--visible-height', `${viewport.height}px`);
      // Safari also scrolls the page up to show the field; the pane is short enough now without that.
      if (viewport.offsetTop > 0) window.scrollTo(0, 0);
    };
    fit();
    viewport.addEventListener('resize', fit);
    viewport.addEventListener('scroll', fit);
    return () => {
      viewport.removeEventListener('resize', fit);
      viewport.removeEventListener('scroll', fit);
      document.documentElement.style.removeProperty('--visible-height');
    };
  }, []);
}
