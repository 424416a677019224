/** What of the scene goes into a file. */
export type Part = 'selected' | 'rest' | 'all';

/** Where the whole scene's file says which kept segment a Gaussian belongs to: nowhere, in the file itself, or in files beside it. */
export type Labels = 'none' | 'column' | 'sidecar';

export interface FileFormat {
  readonly id: string;
  readonly label: string;
  /** What opens it, or what it leaves out. */
  readonly words: string;
  /** The parts that it is made of. */
  readonly parts: readonly Part[];
  readonly ending: string;
  /** Written in these versions, newest first. */
  readonly versions?: readonly number[];
  /** Drawn in the views of the capture. */
  readonly needsViews?: boolean;
}

const every: readonly Part[] = ['selected', 'rest', 'all'];

/** The files that a selection becomes. */
export const formats: readonly FileFormat[] = [
  { id: 'ply', label: '.ply', words: 'Every attribute as it was uploaded; opens everywhere', parts: every, ending: 'ply' },
  { id: 'compressed.ply', label: 'Compressed .ply', words: 'A quarter of the size; SuperSplat, PlayCanvas', parts: every, ending: 'compressed.ply' },
  { id: 'spz', label: '.spz', words: 'A tenth of the size; Niantic’s and many web viewers', parts: every, ending: 'spz', versions: [4, 3, 2] },
  { id: 'splat', label: '.splat', words: 'Colour without view dependence; simple web viewers', parts: every, ending: 'splat' },
  { id: 'bits', label: 'Bit mask', words: 'One bit per Gaussian of the uploaded file', parts: ['selected', 'rest'], ending: 'bits' },
  { id: 'indices', label: 'Indices', words: 'Numbers of the Gaussians in the uploaded file, JSON', parts: ['selected', 'rest'], ending: 'json' },
  { id: 'masks', label: '2D masks, PNG', words: 'The selection in each view of the capture, zipped', parts: ['selected'], ending: 'masks.zip', needsViews: true },
  { id: 'coco', label: '2D masks, COCO', words: 'The same as one JSON file of run lengths', parts: ['selected'], ending: 'coco.json', needsViews: true },
];

/** One file that a person asks for. */
export interface FileChoice {
  readonly format: FileFormat;
  readonly part: Part;
  /** Counts for formats with versions. */
  readonly version: number;
  /** Counts for the whole scene, where segments are kept; a column stands only in a .ply. */
  readonly labels: Labels;
}

/** What can be had now. */
export interface Offer {
  readonly hasSelection: boolean;
  readonly hasViews: boolean;
  readonly hasSegments: boolean;
}

/** A choice that can be had: what cannot gives way to the first that can. */
export function settle(wanted: FileChoice, { hasSelection, hasViews, hasSegments }: Offer): FileChoice {
  const choice: FileChoice = hasSelection ? wanted : { ...wanted, part: 'all' };
  const offered = formatsFor(choice.part, hasViews);
  const format = offered.find(({ id }) => id === choice.format.id) ?? offered[0]!;
  const version = format.versions?.includes(choice.version) ? choice.version : (format.versions?.[0] ?? choice.version);
  const labels = !hasSegments ? 'none' : choice.labels === 'column' && format.id !== 'ply' ? 'sidecar' : choice.labels;
  return { ...choice, format, version, labels };
}

export const formatsFor = (part: Part, hasViews: boolean): readonly FileFormat[] =>
  formats.filter(({ parts, needsViews }) => parts.includes(part) && (hasViews || !needsViews));

/** What comes after the path of the selection that the file is made of. */
export function pathOf({ format, part, version }: FileChoice): string {
  return format.id === 'masks' ? 'masks.zip' : `export?${queryOf(format, version, { part })}`;
}

/** What comes after the path of the scene, for the whole of it. @param segments Ids of the kept ones, in the order of their labels. */
export function scenePathOf({ format, version, labels }: FileChoice, segments: readonly string[]): string {
  return `gaussians?${queryOf(format, version, labels === 'none' ? {} : { labels, selections: segments.join(',') })}`;
}

function queryOf(format: FileFormat, version: number, more: Record<string, string>): string {
  return new URLSearchParams({ format: format.id, ...(format.versions ? { version: String(version) } : {}), ...more }).toString();
}

/** The file's name, of what the scene is called. */
export function nameOf(scene: string, { format, part, labels }: FileChoice): string {
  const name = scene.replace(/[^\p{L}\p{N}_-]+/gu, '-') || 'scene';
  const what = { selected: 'object', rest: 'rest', all: labels === 'none' ? 'scene' : 'labelled' }[part];
  return `${name}-${what}.${part === 'all' && labels === 'sidecar' ? 'zip' : format.ending}`;
}
