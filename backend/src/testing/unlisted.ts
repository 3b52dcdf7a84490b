/**
 * Fails where somebody was answered a code that the contract does not list for what they asked.
 * @param bugs what a server reported, as lines of its log or as errors
 */
export function refuseUnlisted(bugs: readonly unknown[]): void {
  const unlisted = bugs.map(String).filter((bug) => bug.includes('UnlistedCode'));
  if (unlisted.length > 0) throw new Error(unlisted.join('\n'));
}
