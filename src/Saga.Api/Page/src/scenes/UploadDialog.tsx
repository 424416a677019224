import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { describe } from '../api/errors';
import type { Scene } from '../api/types';
import { Dialog } from '../shell/Dialog';
import { Icon } from '../shell/Icon';
import { goTo, sceneHash } from '../shell/router';
import { showError } from '../shell/toasts';
import { AssetRow } from './AssetRow';
import { pickFromDrop, pickFromInput, type PickedFile } from './upload/pick';
import { assetKinds, Uploading } from './upload/uploading';

interface UploadDialogProps {
  /** What was dropped on the page before the dialog was there. */
  dropped: PickedFile[];
  /** The scene that gets the files; without it a new one is made. */
  scene?: Scene;
  onClose: () => void;
}

export function UploadDialog({ dropped, scene, onClose }: UploadDialogProps) {
  const [upload] = useState(() => new Uploading(scene));
  const isRunning = upload.isRunning.value;
  // Beside the buttons and not in a message below: what is behind a modal dialog can be neither read out nor put away.
  const take = (picking: Promise<PickedFile[]>) => {
    picking.then(files => upload.add(files)).catch(error => { upload.failure.value = describe(error); });
  };
  useEffect(() => take(Promise.resolve(dropped)), [dropped]);
  useEffect(() => {
    if (isRunning) {
      const end = new AbortController();
      addEventListener('beforeunload', event => event.preventDefault(), end);
      return () => end.abort();
    }
  }, [isRunning]);


  const close = () => {
    upload.close(!scene).catch(showError).finally(onClose);
  };
  const send = async () => {
    if (await upload.send()) {
      onClose();
      goTo(sceneHash(upload.scene!.id));
    }
  };

  const hasGaussians = !!scene?.gaussianCount || !!upload.candidateOf('gaussians');
  const canSend = upload.pending.value.length > 0 && hasGaussians && !isRunning && (!!scene || !!upload.name.value.trim());
  const hasRefusal = assetKinds.some(kind => upload.rows.value[kind].state === 'refused');
  return (
    <Dialog title={scene ? `Add files to «${scene.name}»` : 'New scene'} wide isBusy={isRunning} onClose={close}>
      <Picker isOff={isRunning} onPick={take} />
      <ul class="asset-rows">
        {assetKinds.map(kind => <AssetRow key={kind} kind={kind} upload={upload} has={scene} />)}
      </ul>
      {upload.unused.value.length > 0 && <Unused paths={upload.unused.value} />}
      {!scene && (
        <label class="field">
          <span>Name of the scene</span>
          <input class="input" maxLength={200} value={upload.name.value} disabled={isRunning}
            onInput={event => { upload.name.value = event.currentTarget.value; }} />
        </label>
      )}
      <p class="form-error" role="alert">{upload.failure.value}</p>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={close}>{isRunning ? 'Stop' : 'Cancel'}</button>
        <button type="button" class="button button-primary" disabled={!canSend} onClick={() => void send()}>
          <Icon name="upload" />{isRunning ? 'Uploading…' : hasRefusal ? 'Try again' : 'Upload'}
        </button>
      </div>
    </Dialog>
  );
}

/** Drop field and two buttons: a dialog of the browser picks files or a folder, never both. */
function Picker({ isOff, onPick }: { isOff: boolean; onPick: (picking: Promise<PickedFile[]>) => void }) {
  const [isOver, setOver] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const hint = useId();
  const take = (input: HTMLInputElement) => {
    // A copy: emptying the input, so that the same file can be picked again, empties its list.
    onPick(pickFromInput([...input.files!]));
    input.value = '';
  };

  return (
    <div class={isOver ? 'picker picker-over' : 'picker'}
      onDragOver={event => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)}
      onDrop={event => { event.preventDefault(); setOver(false); if (!isOff) { onPick(pickFromDrop(event.dataTransfer!)); } }}>
      <p id={hint}>Drop the Gaussians, and cameras, photos and masks if you have them: files, a folder or a zip.</p>
      <div>
        <button type="button" class="button" disabled={isOff} aria-describedby={hint} onClick={() => files.current!.click()}>
          <Icon name="file" />Choose files
        </button>
        <button type="button" class="button" disabled={isOff} aria-describedby={hint} onClick={() => folder.current!.click()}>
          <Icon name="folder" />Choose a folder
        </button>
      </div>
      <input ref={files} type="file" multiple hidden data-testid="files" aria-label="Files" onChange={event => take(event.currentTarget)} />
      <input ref={folder} type="file" {...{ webkitdirectory: true }} hidden data-testid="folder" aria-label="Folder"
        onChange={event => take(event.currentTarget)} />
    </div>
  );
}

const unusedShown = 3;

function Unused({ paths }: { paths: string[] }) {
  const shown = paths.slice(0, unusedShown).join(', ');
  const more = paths.length > unusedShown ? ` and ${paths.length - unusedShown} more` : '';
  const what = paths.length === 1 ? '1 file has no place in a scene and is left out' : `${paths.length} files have no place in a scene and are left out`;
  return <p class="muted unused">{what}: {shown}{more}.</p>;
}
