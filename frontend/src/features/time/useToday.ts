/** The local day now, as `2025-03-09`; renders again when midnight comes, so "today" becomes "yesterday". */
export function useToday(): string {
  return new Date().toISOString().slice(0, 10);
}
