import { useEffect, useRef, useState } from 'preact/hooks';
import { scenes } from '../api/client';
import { PageError } from '../api/errors';
import { watchScene } from '../api/live';
import type { Scene } from '../api/types';
import { mountScene } from '../prompt';
import { showError } from '../shell/toasts';
import { JobBar } from '../training/JobBar';
import { SceneHead } from './SceneHead';
import type { PickedFile } from './upload/pick';
import { UploadDialog } from './UploadDialog';

const nothing: PickedFile[] = [];

/** One scene: picture left, panel right, job bar below. */
export function ScenePage({ id }: { id: string }) {
  const [scene, setScene] = useState<Scene>();
  const [isGone, setGone] = useState(false);
  const [isAdding, setAdding] = useState(false);

  useEffect(() => {
    let isLeft = false;
    const load = () => scenes.get(id).then(value => isLeft || setScene(value), error => {
      if (error instanceof PageError && error.status === 404) {
        setGone(true);
      } else if (!isLeft) {
        showError(error);
      }
    });
    void load();
    const unwatch = watchScene(id, setScene);
    return () => {
      isLeft = true;
      unwatch();
    };
  }, [id]);

  useEffect(() => {
    document.title = scene ? `${scene.name} · Saga` : 'Saga';
  }, [scene?.name]);

  if (isGone) {
    return (
      <main class="page empty">
        <h1>This scene does not exist any more</h1>
        <p>It may have been deleted, here or by somebody else. <a href="#/">Go to the scenes</a></p>
      </main>
    );
  }

  return scene
    ? (
      <main class="workspace">
        <SceneHead scene={scene} onAddFiles={() => setAdding(true)} />
        <SceneStage scene={scene} />
        <JobBar scene={scene} onAddFiles={() => setAdding(true)} />
        {isAdding && <UploadDialog dropped={nothing} scene={scene} onClose={() => setAdding(false)} />}
      </main>
    )
    : <main class="page" aria-busy="true"><p role="status">Loading the scene…</p></main>;
}

/** Hosts the picture and the panel. They are made anew only where what they show has changed: other Gaussians, views or model. */
function SceneStage({ scene }: { scene: Scene }) {
  const picture = useRef<HTMLElement>(null);
  const panel = useRef<HTMLElement>(null);
  const shown = [scene.id, scene.gaussianCount, scene.viewCount, JSON.stringify(scene.bounds), scene.model?.trainedAt].join();
  useEffect(() => mountScene({ picture: picture.current!, panel: panel.current! }, scene), [shown]);
  return (
    <>
      <section ref={picture} class="picture" aria-label="Picture" />
      <aside ref={panel} class="panel" aria-label="Selection" />
    </>
  );
}
