import { apiRoot } from '../api/client';
import type { Workspace } from './Workspace';
import { modes } from '../viewer/Viewer';

/** The picture's own controls: what it shows, how far loading is, and the views to fly to. */
export function Modes({ workspace }: { workspace: Workspace }) {
  const chosen = workspace.mode.value;
  return (
    <div class="modes" role="group" aria-label="What the picture shows">
      {modes.filter(({ mode }) => workspace.scene.model || (mode !== 'heat' && mode !== 'features' && mode !== 'clusters')).map(({ mode, label }) => (
        <button key={mode} type="button" class="mode" aria-pressed={chosen === mode} onClick={() => { workspace.mode.value = mode; }}>
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

export function ViewStrip({ workspace }: { workspace: Workspace }) {
  if (workspace.views.length === 0) {
    return null;
  }
  return (
    <nav class="view-strip" aria-label="Views of the capture">
      {workspace.views.map((view) => (
        <button key={view.index} type="button" class="view" title={view.name} aria-label={`Fly to view ${view.name}`}
          onClick={() => workspace.viewer.value?.flyTo(view)}>
          <img src={`${apiRoot}/scenes/${workspace.scene.id}/render?view=${view.index}&width=${thumbnailWidth}`} alt="" loading="lazy"
            width={thumbnailWidth} height={Math.round((thumbnailWidth * view.height) / view.width)} />
        </button>
      ))}
    </nav>
  );
}
