import { getJson, jobs, postJson } from '../api/client';
import type { Job, Page } from '../api/types';

/** One thing that was found: masks of several views that show it. */
export interface Match {
  /** 0 to 1; ½ fits as well as «object» or «stuff» would. */
  readonly score: number;
  readonly maskCount: number;
  /** The view that shows it best. */
  readonly view: number;
  readonly scale: number;
  /** True where it is part of the selection. */
  readonly chosen: boolean;
}

/** What /text answers. */
export interface Found {
  readonly selectedCount: number;
  /** Ascending, in the order of the uploaded file. */
  readonly indices: readonly number[];
  readonly matches: readonly Match[];
}

/** What the words need of the service. */
export interface WordCalls {
  find(text: string): Promise<Found>;
  /** Starts the job that looks at the scene's masks with CLIP. */
  prepare(): Promise<Job>;
  cancel(jobId: string): Promise<unknown>;
  /** The job of that kind that waits or runs, if there is one. */
  preparing(): Promise<Job | undefined>;
}

export function wordCalls(sceneId: string): WordCalls {
  return {
    find: (text) => postJson<Found>(`/scenes/${sceneId}/text`, { text }),
    prepare: () => jobs.makeVocabulary(sceneId),
    cancel: (jobId) => jobs.cancel(jobId),
    preparing: async () => (await getJson<Page<Job>>(`/jobs?sceneId=${sceneId}&pageSize=20`)).items
      .find(({ kind, state }) => kind === 'vocabulary' && (state === 'queued' || state === 'running')),
  };
}
