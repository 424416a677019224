import { render } from 'preact';
import { scenes } from '../api/client';
import type { Scene } from '../api/types';
import { showError, showInfo } from '../shell/toasts';
import '../viewer/viewer.css';
import { createViewer } from '../viewer/createViewer';
import { upOf } from '../viewer/Orbit';
import { length, subtract, type Vec3 } from '../viewer/vectors';
import { registerPromptKeys } from './keys';
import { attachMarkers } from './Markers';
import { Panel } from './Panel';
import { LoadingNote, Modes, ViewStrip } from './Picture';
import './prompt.css';
import { followSegments } from './surfaceEdits';
import { Workspace } from './Workspace';

/** Where a scene is shown: the picture, and the panel beside it. */
export interface SceneHost {
  picture: HTMLElement;
  panel: HTMLElement;
}

/** Shows a scene in the host; the returned function takes it away again. */
export function mountScene(host: SceneHost, scene: Scene): () => void {
  const ends: (() => void)[] = [];
  let isLeft = false;
  const end = () => {
    isLeft = true;
    ends.reverse().forEach((act) => act());
    render(null, host.picture);
    render(null, host.panel);
  };
  if (scene.gaussianCount === 0) {
    render(<p class="picture-note">This scene has no Gaussians yet: upload a .ply to see it here.</p>, host.picture);
    return end;
  }
  void open(host, scene, ends, () => isLeft).catch(showError);
  return end;
}

async function open(host: SceneHost, scene: Scene, ends: (() => void)[], isLeft: () => boolean): Promise<void> {
  const views = scene.viewCount > 0 ? await scenes.views(scene.id) : [];
  if (isLeft()) {
    return;
  }
  const workspace = new Workspace(scene, views);
  ends.push(() => workspace.dispose());
  ends.push(followSegments(workspace));
  let element: HTMLDivElement | null = null;
  render(
    <div class="picture-frame">
      <div class="viewer" ref={(node) => { element = node; }} tabIndex={0} role="application"
        aria-label={`Picture of ${scene.name}: arrows turn, plus and minus dolly, Space adds a point in the middle`} />
      <Modes workspace={workspace} />
      <LoadingNote workspace={workspace} />
      <ViewStrip workspace={workspace} />
    </div>, host.picture);
  render(<Panel workspace={workspace} />, host.panel);
  ends.push(registerPromptKeys(workspace));
  void workspace.segments.load();
  if (scene.model) {
    void workspace.words.resume();
  }

  const { min, max } = scene.bounds ?? { min: [-1, -1, -1] as Vec3, max: [1, 1, 1] as Vec3 };
  const center: Vec3 = [(min[0] + max[0]) / 2, (min[1] + max[1]) / 2, (min[2] + max[2]) / 2];
  const viewer = await createViewer(element!, { center, radius: length(subtract(max, min)) / 2 }, {
    sceneId: scene.id,
    views,
    up: upOf(views),
    progress: (loaded, total) => { workspace.loading.value = total > 0 ? loaded / total : 0; },
    failed: showInfo,
  });
  workspace.loading.value = null;
  if (isLeft()) {
    viewer.dispose();
    return;
  }
  workspace.attach(viewer);
  ends.push(attachMarkers(viewer, workspace.session, {
    move: (key, x, y) => workspace.movePoint(key, x, y), remove: (key) => workspace.session.removePoint(key),
  }));
  const onSpace = (event: KeyboardEvent) => {
    if (event.key === ' ' && event.target === element) {
      event.preventDefault();
      workspace.clickMiddle();
    }
  };
  element!.addEventListener('keydown', onSpace);
}
