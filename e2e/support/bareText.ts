/**
 * Reports as an error each text that React keeps hold of because it stands beside other nodes: where the browser
 * translates the page it is wrapped in elements, and React's next change there ends in a NotFoundError. Runs in the page.
 */
export const watchBareText = (): void => {
  const reported = new Set<string>();
  const look = (node: Node): void => {
    if (!(node instanceof Text)) return;
    // React's mark on a node that it made by itself, and not as the content of an element.
    if (!Object.keys(node).some((key) => key.startsWith('__reactFiber$'))) return;
    const place = node.parentElement?.outerHTML.replace(/ class="[^"]*"/g, '').slice(0, 300) ?? '';
    const words = `Bare text: ${JSON.stringify(node.data)} in ${place}`;
    if (reported.has(words)) return;
    reported.add(words);
    reportError(new Error(words));
  };
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes)
      for (const added of addedNodes) {
        look(added);
        const texts = document.createTreeWalker(added, NodeFilter.SHOW_TEXT);
        while (texts.nextNode() !== null) look(texts.currentNode);
      }
  }).observe(document, { childList: true, subtree: true });
};
