/** So many seqs are kept singly. Beyond them a repeat is emitted again, and dropped by who follows the log. */
const remembered = 1_000;

/**
 * The seqs of one conversation that were emitted. They come in order, so one stretch without a gap holds almost all of them
 * however many there are; what lies outside it (repeats of what was there before this server started) is kept singly.
 */
export class EmittedSeqs {
  private from = 0;
  private to = -1;
  private readonly others = new Set<number>();

  /** True the first time. */
  first(seq: number): boolean {
    if ((seq >= this.from && seq <= this.to) || this.others.has(seq)) return false;
    if (seq === this.to + 1) this.to = seq;
    else if (seq > this.to) {
      // What this stretch began after is below it now, and only a repeat will ask for it.
      this.keep(this.from, this.to);
      this.from = this.to = seq;
    } else this.keep(seq, seq);
    while (this.others.delete(this.to + 1)) this.to += 1;
    return true;
  }

  private keep(from: number, to: number): void {
    for (let seq = Math.max(from, to - remembered + 1); seq <= to; seq += 1) this.others.add(seq);
    for (const oldest of this.others) {
      if (this.others.size <= remembered) break;
      this.others.delete(oldest);
    }
  }
}
