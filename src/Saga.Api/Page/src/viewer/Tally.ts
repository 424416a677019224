import type { Lighting } from './Viewer';

/**
 * How many Gaussians are lit at every threshold, from one pass over scores and base: moving the threshold then costs nothing,
 * however large the scene.
 */
export class Tally {
  /** [257] each: how many have this score or a greater one, among those selected before and among the others. */
  private readonly before = new Uint32Array(257);
  private readonly others = new Uint32Array(257);

  constructor(private readonly scores: Uint8Array | null, private readonly base: Uint8Array | null, count: number) {
    if (scores && base) {
      for (let i = 0; i < count; i++) {
        (base[i] === 1 ? this.before : this.others)[scores[i]!]!++;
      }
    } else if (scores) {
      for (let i = 0; i < count; i++) {
        this.others[scores[i]!]!++;
      }
    } else if (base) {
      for (let i = 0; i < count; i++) {
        this.before[0]! += base[i]!;
      }
    }
    for (let score = 254; score >= 0; score--) {
      this.before[score]! += this.before[score + 1]!;
      this.others[score]! += this.others[score + 1]!;
    }
  }

  /** Whether it was made of these. */
  isOf({ scores, base }: Lighting): boolean {
    return this.scores === scores && this.base === base;
  }

  lit({ threshold, combine }: Pick<Lighting, 'threshold' | 'combine'>): number {
    const all = this.before[0]!;
    if (this.scores === null) {
      return all;
    }
    const matchedBefore = this.before[threshold]!;
    const matchedOthers = this.others[threshold]!;
    switch (combine) {
      case 'new': return matchedBefore + matchedOthers;
      case 'add': return all + matchedOthers;
      case 'subtract': return all - matchedBefore;
      case 'intersect': return matchedBefore;
    }
  }
}
