import { computed, effect, signal, untracked } from '@preact/signals';
import { Latest } from '../prompt/Latest';
import type { ClusterPaint } from '../viewer/Viewer';
import type { Clustering } from './calls';

/** A slider that moves on is not answered in between. */
const restMilliseconds = 120;

/** Scales that were looked at come back at once. */
const remembered = 8;

/** What a scene is taken apart into, at the scale that a person looks at. */
export class Clusters {
  readonly found = signal<Clustering | null>(null);
  readonly busy = signal(false);
  /** The cluster that is pointed at in the list. */
  readonly lit = signal<number | null>(null);
  readonly paint = computed<ClusterPaint | null>(() =>
    this.found.value && { labels: this.found.value.labels, scale: this.found.value.scale, lit: this.lit.value });

  private readonly answers = new Map<number, Clustering>();
  private readonly asking = new Latest<number>((scale) => this.ask(scale));
  private readonly endEffect: () => void;
  private wanted: number | null = null;
  private timer: ReturnType<typeof setTimeout> | null = null;

  /**
   * @param calls Asks the server.
   * @param scaleOf The scale to follow; null while nobody looks.
   */
  constructor(
    private readonly calls: (scale: number) => Promise<Clustering>,
    scaleOf: () => number | null,
    private readonly failed: (error: unknown) => void) {
    this.endEffect = effect(() => {
      const scale = scaleOf();
      untracked(() => this.follow(scale));
    });
  }

  dispose(): void {
    this.endEffect();
    this.stopWaiting();
  }

  /** One byte per Gaussian, 1 where it belongs to the cluster. */
  members(id: number): Uint8Array {
    return Uint8Array.from(this.found.value!.labels, (label) => (label === id ? 1 : 0));
  }

  private follow(scale: number | null): void {
    this.stopWaiting();
    this.wanted = scale;
    const known = scale === null ? undefined : this.answers.get(scale);
    this.busy.value = scale !== null && !known;
    if (known) {
      this.show(known);
    } else if (scale !== null) {
      this.timer = setTimeout(() => {
        this.timer = null;
        void this.asking.ask(scale).finally(() => {
          this.busy.value = this.timer !== null;
        });
      }, restMilliseconds);
    }
  }

  private stopWaiting(): void {
    if (this.timer !== null) {
      clearTimeout(this.timer);
      this.timer = null;
    }
  }

  private async ask(scale: number): Promise<void> {
    try {
      const found = await this.calls(scale);
      this.answers.delete(scale);
      this.answers.set(scale, found);
      for (const old of [...this.answers.keys()].slice(0, -remembered)) {
        this.answers.delete(old);
      }
      if (this.wanted === scale) {
        this.show(found);
      }
    } catch (error) {
      this.failed(error);
    }
  }

  private show(found: Clustering): void {
    if (found !== this.found.value) {
      this.lit.value = null;
      this.found.value = found;
    }
  }
}
