import type { AssetKind } from '../../api/types';
import type { PickedFile } from './pick';
import { writeZip } from './zipWriter';

/** One way to fill one of the scene's four places. */
export interface Candidate {
  kind: AssetKind;
  /** What a person reads: a path, or a folder and how many files of it. */
  label: string;
  size: number;
  parts: PickedFile[];
}

/** What can fill each place, the likeliest first. */
export type Candidates = Record<AssetKind, Candidate[]>;

const splat = /\.(ply|splat|ksplat|spz|sogs?)$/i;
const cameraJson = /(^|\/)(cameras|transforms\w*)\.json$/i;
const colmap = /(^|\/)(cameras|images)\.(bin|txt)$/i;
const photo = /\.(jpe?g|png|webp)$/i;
const mask = /\.(png|json|npy|npz|pt)$/i;
const maskFolder = /mask|(^|[^a-z])sam([^a-z]|$)|segment|label/i;
/** SAGA writes these beside its masks. */
const notMaskFolder = /feature|scale/i;
const arrays = /\.(npy|npz|pt)$/i;

const folderOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')));
const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);

function isMask(path: string): boolean {
  const folder = folderOf(path);
  return mask.test(path) && !notMaskFolder.test(folder) && !cameraJson.test(path) && (maskFolder.test(folder) || arrays.test(path));
}

/** How much header of a .ply is read: its properties stand at the start. */
const headerBytes = 4096;

async function isSplat(file: PickedFile): Promise<boolean> {
  if (!/\.ply$/i.test(file.path)) {
    return true;
  }

  // Unpacking a gigabyte to look at its first line takes longer than asking the service.
  return !!file.archive || /\bf_dc_0\b/.test(await (await file.open()).slice(0, headerBytes).text());
}

/** 3D Gaussian splatting writes point_cloud/iteration_N/point_cloud.ply; the last iteration is the one to take. */
const iterationOf = (path: string) => Number(/iteration_(\d+)/.exec(path)?.[1] ?? 0);

function single(kind: AssetKind, file: PickedFile): Candidate {
  return { kind, label: file.path, size: file.size, parts: [file] };
}

function byFolder(kind: AssetKind, files: PickedFile[], what: string): Candidate[] {
  return [...Map.groupBy(files, file => folderOf(file.path))].map(([folder, parts]) => ({
    kind,
    label: `${folder ? `${folder}: ` : ''}${parts.length} ${what}`,
    size: parts.reduce((sum, part) => sum + part.size, 0),
    parts,
  }));
}

/** Says what each file can be. Nothing is thrown away silently: what fits no place is counted by the dialog. */
export async function classify(files: PickedFile[]): Promise<Candidates> {
  const splats = files.filter(file => splat.test(file.path));
  const known = await Promise.all(splats.map(isSplat));
  const real = splats.filter((_, i) => known[i]);
  // A .ply that is none is still sent where there is no other, for the service says best what is wrong with it.
  const gaussians = (real.length > 0 ? real : splats)
    .sort((a, b) => iterationOf(b.path) - iterationOf(a.path) || b.size - a.size)
    .map(file => single('gaussians', file));

  const colmapSets = byFolder('cameras', files.filter(file => colmap.test(file.path)), 'COLMAP files')
    .filter(set => set.parts.some(part => /cameras\.\w+$/i.test(part.path)) && set.parts.some(part => /images\.\w+$/i.test(part.path)));
  const cameras = files.filter(file => cameraJson.test(file.path))
    .sort((a, b) => Number(/cameras\.json$/i.test(b.path)) - Number(/cameras\.json$/i.test(a.path)))
    .map(file => single('cameras', file));

  const masks = byFolder('masks', files.filter(file => isMask(file.path)), 'mask files');
  const photos = byFolder('images', files.filter(file => photo.test(file.path) && !isMask(file.path)), 'photos')
    .sort((a, b) => Number(/(^|\/)images$/i.test(folderOf(b.parts[0]!.path))) - Number(/(^|\/)images$/i.test(folderOf(a.parts[0]!.path)))
      || b.parts.length - a.parts.length);

  return { gaussians, cameras: [...cameras, ...colmapSets], images: photos, masks };
}

/** The body to send, and its name. A zip that holds just this goes as it is; several files are packed. */
export async function bodyOf(candidate: Candidate, signal: AbortSignal): Promise<{ body: Blob; name: string }> {
  const first = candidate.parts[0]!;
  const isSingle = candidate.kind === 'gaussians' || (candidate.kind === 'cameras' && cameraJson.test(first.path));
  if (isSingle) {
    return { body: await first.open(), name: nameOf(first.path) };
  }

  const archive = first.archive;
  if (archive && candidate.parts.length === archive.count && candidate.parts.every(part => part.archive?.file === archive.file)) {
    return { body: archive.file, name: archive.file.name };
  }

  const parts = await Promise.all(candidate.parts.map(async part => ({ name: nameOf(part.path), blob: await part.open() })));
  return { body: await writeZip(parts, signal), name: `${candidate.kind}.zip` };
}
