import { useSignal } from '@preact/signals';
import { apiRoot } from '../api/client';
import type { View } from '../api/types';
import { KeyedImage } from '../shell/KeyedImage';
import type { Workspace } from './Workspace';
import { modes } from '../viewer/Viewer';

/** The picture's own controls: what it shows, how far loading is, and the views to fly to. */
export function Modes({ workspace }: { workspace: Workspace }) {
  const chosen = workspace.mode.value;
  return (
    <div class="modes" role="group" aria-label="What the picture shows">
      {modes.filter(({ mode }) => workspace.scene.model || (mode !== 'heat' && mode !== 'features' && mode !== 'clusters')).map(({ mode, label }) => (
        <button key={mode} type="button" class="mode" aria-pressed={chosen === mode} onClick={(event) => {
            workspace.mode.value = mode;
            // Whoever points at the picture's buttons goes on in the picture: Enter then keeps, and does not press the button again.
            if (event.detail > 0) {
              workspace.viewer.value?.element.focus();
            }
          }}>
          {label}
        </button>
      ))}
    </div>
  );
}

export function LoadingNote({ workspace }: { workspace: Workspace }) {
  const share = workspace.loading.value;
  return (
    <p class="picture-note" role="status" hidden={share === null}>
      {share !== null && `Loading the Gaussians${share > 0 ? `: ${Math.round(100 * share)} %` : '…'}`}
    </p>
  );
}

const thumbnailWidth = 128;

/** What the capture's cameras saw: the photos where they were uploaded, else the scene drawn from there. */
export function ViewStrip({ workspace }: { workspace: Workspace }) {
  if (workspace.views.length === 0) {
    return null;
  }
  return (
    <nav class="view-strip" aria-label="Views of the capture">
      {workspace.views.map((view) => (
        <button key={view.index} type="button" class="view" title={view.name} aria-label={`Fly to view ${view.name}`}
          onClick={() => workspace.viewer.value?.flyTo(view)}>
          <ViewPicture sceneId={workspace.scene.id} view={view} />
        </button>
      ))}
    </nav>
  );
}

function ViewPicture({ sceneId, view }: { sceneId: string; view: View }) {
  const isPhoto = useSignal(view.hasImage);
  const address = isPhoto.value
    ? `views/${view.index}/photo?width=${thumbnailWidth}` : `render?view=${view.index}&width=${thumbnailWidth}`;
  return (
    <KeyedImage src={`${apiRoot}/scenes/${sceneId}/${address}`} alt="" onError={() => { isPhoto.value = false; }}
      width={thumbnailWidth} height={Math.round((thumbnailWidth * view.height) / view.width)} />
  );
}
