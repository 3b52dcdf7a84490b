/**
 * What a browser's translation does to a page, and goes on doing: each text is taken away, and its words come back inside
 * two elements. Runs in the page.
 */
export const translateAll = (): void => {
  // As the browser's own translation does, with an element that nobody else uses any more.
  const fontElement = () => document.createElementNS('http://www.w3.org/1999/xhtml', 'font');
  const untouched = 'font, script, style, textarea, svg, title';
  const wrap = (text: Node): void => {
    const { parentElement } = text;
    if (!(text instanceof Text) || parentElement === null || parentElement.closest(untouched) !== null)
      return;
    const [outer, inner] = [fontElement(), fontElement()];
    inner.textContent = text.data;
    outer.append(inner);
    text.replaceWith(outer);
  };
  const wrapIn = (root: Node): void => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const texts: Node[] = [root];
    while (walker.nextNode() !== null) texts.push(walker.currentNode);
    texts.forEach(wrap);
  };
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) addedNodes.forEach(wrapIn);
  }).observe(document, { childList: true, subtree: true });
};
