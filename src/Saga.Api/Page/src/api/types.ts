/** What the service sends, as /swagger describes it. */

export interface Problem {
  code: string;
  detail: string;
}

export interface Bounds {
  min: [number, number, number];
  max: [number, number, number];
}

export interface Model {
  trainedAt: string;
  iterations: number;
  featureDimension: number;
  seed: number;
  finalLoss: number | null;
  scaleKnots: { min: number; median: number; max: number };
}

export type SceneState = 'empty' | 'uploaded' | 'training' | 'ready' | 'failed';

export interface Scene {
  id: string;
  name: string;
  state: SceneState;
  gaussianCount: number;
  viewCount: number;
  maskCount: number;
  bounds: Bounds | null;
  model: Model | null;
  createdAt: string;
  problems: Problem[];
  /** Grows with every change of the scene's selections. */
  selectionsVersion: number;
}

export interface View {
  index: number;
  name: string;
  width: number;
  height: number;
  fx: number;
  fy: number;
  cx: number;
  cy: number;
  /** 16 numbers, row-major; x right, y down, z forward. */
  worldToCamera: number[];
  hasImage: boolean;
  maskCount: number;
}

export type JobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'canceled';

/** How numbers are spread: edges ascend and are one more than the counts. */
export interface Histogram {
  edges: number[];
  counts: number[];
  median: number;
}

export interface JobReport {
  maskSource?: 'uploaded' | 'sam' | 'builtin';
  /** What SAM ran on. */
  maskProvider?: string | null;
  /** Views whose masks were made by this job; those of the others were kept from an earlier one. */
  viewsMade?: number | null;
  viewsFromPhotos?: number | null;
  viewsDrawn?: number | null;
  masksPerView?: Histogram | null;
  /** World units. */
  maskScales?: Histogram | null;
  viewsUsed?: number;
  viewsWithoutMasks?: number;
  masksUsed?: number;
  /** By reason. */
  masksDropped?: Record<string, number>;
  stageSeconds?: Record<string, number>;
  vectors?: string;
  resumedFrom?: number;
  problems?: Problem[];
}

export interface Job {
  id: string;
  sceneId: string;
  kind: string;
  state: JobState;
  stage: string;
  progress: number;
  iteration: number;
  iterations: number;
  loss: number | null;
  etaSeconds: number | null;
  queuedAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  attempt: number;
  failure: Problem | null;
  report: JobReport | null;
}

export interface Page<T> {
  items: T[];
  page: number;
  pageSize: number;
  total: number;
}

export type AssetKind = 'gaussians' | 'cameras' | 'images' | 'masks';

export type TrainPreset = 'balanced' | 'paper';
