import type { Job } from '../api/types';

export interface Sample {
  iteration: number;
  loss: number;
}

/** As many as the curve has pixels; beyond, every other one is let go. */
const maxSamples = 400;
const keyOf = (jobId: string) => `saga-loss-${jobId}`;

/** The loss so far, kept for the tab, so that it outlives a reload. The service itself keeps only the latest. */
export class LossHistory {
  private samples: Sample[];

  constructor(private readonly jobId: string) {
    this.samples = read(jobId);
  }

  get all(): readonly Sample[] {
    return this.samples;
  }

  add(job: Job): void {
    const last = this.samples.at(-1);
    if (job.loss === null || job.iteration <= (last?.iteration ?? 0)) {
      // A job that is claimed again goes on from its last checkpoint.
      if (last && job.loss !== null && job.iteration > 0 && job.iteration < last.iteration) {
        this.samples = this.samples.filter(sample => sample.iteration < job.iteration);
      }

      return;
    }

    this.samples.push({ iteration: job.iteration, loss: job.loss });
    if (this.samples.length > maxSamples) {
      this.samples = this.samples.filter((_, i) => i % 2 === 1);
    }

    try {
      sessionStorage.setItem(keyOf(this.jobId), JSON.stringify(this.samples));
    } catch {
      // Storage is full or forbidden: the curve then starts anew after a reload.
    }
  }
}

function read(jobId: string): Sample[] {
  try {
    return JSON.parse(sessionStorage.getItem(keyOf(jobId)) ?? '[]') as Sample[];
  } catch {
    return [];
  }
}
