import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { scenes as api } from '../api/client';
import { watchScene } from '../api/live';
import type { Scene } from '../api/types';
import { Icon } from '../shell/Icon';
import { registerKeys } from '../shell/keys';
import { goTo, sceneHash } from '../shell/router';
import { showError } from '../shell/toasts';
import { DeleteDialog } from './DeleteDialog';
import { DropTarget } from './DropTarget';
import { HeroSplat } from './HeroSplat';
import { SceneCard } from './SceneCard';
import { loadScenes, sceneList, updateScene } from './store';
import type { PickedFile } from './upload/pick';
import { UploadDialog } from './UploadDialog';

const uploading = signal<PickedFile[] | undefined>(undefined);
const deleting = signal<Scene | undefined>(undefined);
const isMakingSample = signal(false);

const startUpload = () => {
  uploading.value = [];
};

async function openSample(): Promise<void> {
  isMakingSample.value = true;
  try {
    goTo(sceneHash((await api.createSample()).id));
  } catch (error) {
    showError(error);
  } finally {
    isMakingSample.value = false;
  }
}

/** The list of scenes. Files may be dropped anywhere on it. */
export function ScenesPage() {
  const scenes = sceneList.value;
  useEffect(() => {
    document.title = 'Scenes · Saga';
    void loadScenes();
    const endKeys = registerKeys('Scenes', [{ key: 'N', does: 'New scene', run: startUpload }]);
    // Somebody else may have added or deleted scenes while this page was not looked at.
    const end = new AbortController();
    document.addEventListener('visibilitychange', () => { if (!document.hidden) { void loadScenes(); } }, end);
    return () => {
      endKeys();
      end.abort();
    };
  }, []);

  const active = scenes?.filter(scene => scene.state === 'training').map(scene => scene.id).join();
  useEffect(() => {
    const ends = active ? active.split(',').map(id => watchScene(id, updateScene)) : [];
    return () => ends.forEach(end => end());
  }, [active]);

  return (
    <main class="page">
      <div class="page-head">
        <h1>Scenes</h1>
        {!!scenes?.length && <div><Actions /></div>}
      </div>
      {!scenes && <p role="status" class="muted">Loading the scenes…</p>}
      {scenes?.length === 0 && <Welcome />}
      {!!scenes?.length && (
        <ul class="scene-grid">
          {scenes.map(scene => <SceneCard key={scene.id} scene={scene} onDelete={() => { deleting.value = scene; }} />)}
        </ul>
      )}
      <DropTarget onDrop={files => { uploading.value = files; }} isOff={!!uploading.value} />
      {uploading.value && <UploadDialog dropped={uploading.value} onClose={() => { uploading.value = undefined; void loadScenes(); }} />}
      {deleting.value && <DeleteDialog scene={deleting.value} onClose={() => { deleting.value = undefined; }} />}
    </main>
  );
}

function Actions() {
  return (
    <>
      <button type="button" class="button" disabled={isMakingSample.value} onClick={() => void openSample()}>
        {isMakingSample.value ? 'Preparing the sample…' : 'Open the sample'}
      </button>
      <button type="button" class="button button-primary" onClick={startUpload}><Icon name="plus" />New scene</button>
    </>
  );
}

function Welcome() {
  return (
    <section class="welcome" aria-label="First steps">
      <HeroSplat />
      <h2>Pick objects out of a Gaussian splat</h2>
      <p>Drop a splat here, with its cameras, photos and masks if you have them: files, a folder or a zip. Or look at the sample first.</p>
      <ol class="steps"><li>Upload</li><li>Train</li><li>Click an object</li><li>Export it</li></ol>
      <div class="actions"><Actions /></div>
    </section>
  );
}
