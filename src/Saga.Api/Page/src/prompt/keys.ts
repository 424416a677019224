import { registerKeys } from '../shell/keys';
import type { Workspace } from './Workspace';

/** The keys of an open scene; the returned function takes them away again. */
export function registerPromptKeys(workspace: Workspace): () => void {
  const { session, history } = workspace;
  const ends = [
    registerKeys('Select', [
      { key: '1', does: 'Next points belong to the object', run: () => { workspace.sign.value = true; } },
      { key: '2', does: 'Next points do not', run: () => { workspace.sign.value = false; } },
      { key: 'Shift+click', does: 'A point that does not belong' },
      { key: 'Space', does: 'Point in the middle of the picture, while it has the focus' },
      { key: 'Delete', does: 'Remove the point that has the focus' },
      { key: 'Ctrl+I', does: 'Invert the selection', run: () => session.invert() },
      { key: 'Enter', does: 'Keep the selection as a segment', run: () => void workspace.keep() },
      { key: 'Escape', does: 'Clear the selection', run: () => session.clear() },
      { key: 'Ctrl+Z', does: 'Undo', run: () => void history.undo() },
      { key: 'Ctrl+Shift+Z', does: 'Redo', run: () => void history.redo() },
    ]),
    registerKeys('Picture', [
      { key: 'H', does: 'Hide the selection, or show it again', run: () => workspace.toggleMode('hide') },
      { key: 'I', does: 'Isolate the selection, or show all again', run: () => workspace.toggleMode('isolate') },
      { key: 'C', does: 'What there is at the chosen scale, or the selection again', run: () => workspace.toggleMode('clusters') },
      { key: 'F', does: 'Fly to the selection', run: () => workspace.frameSelection() },
      { key: 'Home', does: 'Show the whole scene' },
      { key: 'Arrows', does: 'Turn; with Shift, move' },
      { key: '-', does: 'Go back; + goes closer' },
    ]),
  ];
  return () => ends.forEach((end) => end());
}
