import { signal } from '@preact/signals';
import { watchJob } from '../api/live';
import { PageError } from '../api/errors';
import type { Job } from '../api/types';
import type { Found, WordCalls } from './calls';

/** Why words find nothing yet. */
export interface Lack {
  /** A job of the service would mend it; else whoever runs the service has to. */
  readonly canPrepare: boolean;
  readonly detail: string;
}

/** Finding things by words, and preparing a scene for it. */
export class Words {
  readonly text = signal('');
  /** What was found, and by which words. */
  readonly answer = signal<{ readonly text: string; readonly found: Found } | null>(null);
  readonly lack = signal<Lack | null>(null);
  readonly busy = signal(false);
  /** The job that prepares the scene. */
  readonly job = signal<Job | null>(null);
  private endWatch: (() => void) | null = null;
  private isLeft = false;

  /**
   * @param take Makes what was found the selection.
   * @param failed Says what went wrong.
   */
  constructor(
    private readonly calls: WordCalls,
    private readonly gaussianCount: number,
    private readonly take: (members: Uint8Array) => void,
    private readonly failed: (error: unknown) => void) {}

  /** Goes on watching a preparation that was begun before the page was opened, or elsewhere. */
  async resume(): Promise<void> {
    const job = await this.calls.preparing().catch(() => undefined);
    if (job && !this.isLeft) {
      this.watch(job);
    }
  }

  dispose(): void {
    this.isLeft = true;
    this.endWatch?.();
  }

  async find(): Promise<void> {
    const text = this.text.value.trim();
    if (text === '' || this.busy.value) {
      return;
    }
    this.busy.value = true;
    this.lack.value = null;
    try {
      const found = await this.calls.find(text);
      if (this.isLeft) {
        return;
      }
      this.answer.value = { text, found };
      if (found.selectedCount > 0) {
        const members = new Uint8Array(this.gaussianCount);
        found.indices.forEach((index) => { members[index] = 1; });
        this.take(members);
      }
    } catch (error) {
      this.answer.value = null;
      this.explain(error);
    } finally {
      this.busy.value = false;
    }
  }

  /** Has the service look at the scene; the words that wait are then tried again. */
  async prepare(): Promise<void> {
    if (this.busy.value) {
      return;
    }
    this.busy.value = true;
    try {
      this.watch(await this.calls.prepare());
    } catch (error) {
      this.explain(error);
    } finally {
      this.busy.value = false;
    }
  }

  cancel(): void {
    const job = this.job.value;
    if (job) {
      this.calls.cancel(job.id).catch(this.failed);
    }
  }

  private explain(error: unknown): void {
    const code = error instanceof PageError ? error.code : '';
    if (error instanceof PageError && (code === 'vocabulary-missing' || code === 'model-missing')) {
      this.lack.value = { canPrepare: code === 'vocabulary-missing', detail: error.message };
    } else {
      this.failed(error);
    }
  }

  private watch(job: Job): void {
    if (this.isLeft) {
      return;
    }
    this.endWatch?.();
    this.job.value = job;
    this.endWatch = watchJob(job.id, (now) => this.follow(now));
  }

  private follow(job: Job): void {
    this.job.value = job;
    if (job.state === 'queued' || job.state === 'running') {
      return;
    }
    this.endWatch?.();
    this.endWatch = null;
    this.job.value = null;
    if (job.state === 'succeeded') {
      void this.find();
    } else if (job.failure) {
      this.failed(new PageError(job.failure.code, 0, job.failure.detail));
    }
  }
}
