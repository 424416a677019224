import { watchScene } from '../api/live';
import type { Workspace } from './Workspace';

/** Something that the server does to a selection along the surfaces of the scene. */
export interface SurfaceEdit {
  readonly label: string;
  readonly title: string;
  /** What was done, as «Undo …» says it. */
  readonly done: string;
  readonly edit: { readonly op: string; readonly steps?: number };
}

export const surfaceEdits: readonly SurfaceEdit[] = [
  { label: 'Grow', title: 'Add the neighbours on the surface', done: 'growing', edit: { op: 'grow' } },
  { label: 'Shrink', title: 'Take away the edge next to what is not selected', done: 'shrinking', edit: { op: 'shrink' } },
  { label: 'Largest piece', title: 'Keep only the largest connected piece', done: 'keeping the largest piece of', edit: { op: 'connected' } },
  {
    label: 'Remove floaters', title: 'Take away haze and specks that hang in the air', done: 'removing floaters from', edit: { op: 'removeFloaters' },
  },
];

/** Edits what is lit. Where a person went on meanwhile, what comes back is of no more use. */
export function editSelection({ history, session, calls }: Workspace, { done, edit }: SurfaceEdit): Promise<void> {
  return history.between(async () => {
    const before = session.state.value;
    const members = await calls.edited(session.selected(), edit);
    if (session.state.value === before) {
      session.change(`${done} the selection`, { points: [], base: members });
    }
  });
}

/** Reads the segments again whenever anybody changed selections of the scene. Returns the end of it. */
export function followSegments({ scene, segments }: Workspace): () => void {
  let known: number | undefined;
  return watchScene(scene.id, ({ selectionsVersion }) => {
    if (known !== undefined && selectionsVersion !== known) {
      void segments.load();
    }
    known = selectionsVersion;
  });
}
