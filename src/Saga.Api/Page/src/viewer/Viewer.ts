import type { Ball, SplatColumns } from './columns';
import type { Pinhole } from './pinhole';

export type Mode = 'colour' | 'highlight' | 'isolate' | 'hide' | 'heat' | 'depth' | 'features' | 'clusters';

export const modes: readonly { mode: Mode; label: string; needsScores?: boolean }[] = [
  { mode: 'colour', label: 'Colour' },
  { mode: 'highlight', label: 'Highlight' },
  { mode: 'isolate', label: 'Isolate' },
  { mode: 'hide', label: 'Hide' },
  { mode: 'heat', label: 'Similarity', needsScores: true },
  { mode: 'clusters', label: 'Clusters' },
  { mode: 'features', label: 'Features' },
  { mode: 'depth', label: 'Depth' },
];

/** How the Gaussians that the prompt matches join those that were selected before. */
export type Combine = 'new' | 'add' | 'subtract' | 'intersect';

/** What is lit. All arrays have one byte per Gaussian, in the order of the uploaded file. */
export interface Lighting {
  /** Similarity to the prompt, 0 to 255; null without a prompt. */
  readonly scores: Uint8Array | null;
  /** Scores from this byte on match. */
  readonly threshold: number;
  /** 1 where selected before the prompt. */
  readonly base: Uint8Array | null;
  readonly combine: Combine;
}

/** A kept segment as it is painted. */
export interface Paint {
  /** 1 where it belongs to the segment. */
  readonly members: Uint8Array;
  /** 0 to 255 each. */
  readonly color: readonly [number, number, number];
  readonly hidden: boolean;
}

/** What a scene is taken apart into, for the mode that shows it. */
export interface ClusterPaint {
  /** A cluster per Gaussian, in the order of the uploaded file; 65535 for none. */
  readonly labels: Uint16Array;
  /** The scale that they are of. */
  readonly scale: number;
  /** The cluster that stands out, if one does. */
  readonly lit: number | null;
}

/** Something that shows a scene, lets a person move through it, and says exactly what camera is on the screen. */
export interface Viewer {
  readonly element: HTMLElement;
  /** Null where the browser could not read the Gaussians. */
  readonly columns: SplatColumns | null;
  /** The camera of the picture on the screen, in CSS pixels of the element. */
  readonly camera: Pinhole;
  setMode(mode: Mode): void;
  setLighting(lighting: Lighting): void;
  setPaint(paint: readonly Paint[]): void;
  setClusters(clusters: ClusterPaint | null): void;
  /** Called after each move and each change of size; returns what ends that. */
  onCamera(listener: () => void): () => void;
  /** A press and release at one place; pixels of camera. */
  onClick(listener: (x: number, y: number, event: PointerEvent) => void): () => void;
  flyTo(view: Pinhole): void;
  frame(ball: Ball): void;
  frameAll(): void;
  /** Resolves when the picture on the screen shows all that was asked for. */
  settled(): Promise<void>;
  dispose(): void;
}

export const isMatch = (lighting: Lighting, i: number): boolean =>
  lighting.scores !== null && lighting.scores[i]! >= lighting.threshold;

/** Whether a Gaussian is selected: the shader's arithmetic, for counting and for pictures drawn without one. */
export function isLit(lighting: Lighting, i: number): boolean {
  const before = lighting.base !== null && lighting.base[i] === 1;
  if (lighting.scores === null) {
    return before;
  }
  const match = lighting.scores[i]! >= lighting.threshold;
  switch (lighting.combine) {
    case 'new': return match;
    case 'add': return before || match;
    case 'subtract': return before && !match;
    case 'intersect': return before && match;
  }
}
