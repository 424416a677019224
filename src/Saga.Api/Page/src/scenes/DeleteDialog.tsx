import { useState } from 'preact/hooks';
import { describe } from '../api/errors';
import type { Scene } from '../api/types';
import { Dialog } from '../shell/Dialog';
import { showInfo } from '../shell/toasts';
import { deleteScene } from './store';

export function DeleteDialog({ scene, onClose }: { scene: Scene; onClose: () => void }) {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState('');
  const confirm = async () => {
    setBusy(true);
    try {
      await deleteScene(scene);
      showInfo(`«${scene.name}» is deleted.`);
      onClose();
    } catch (error) {
      setFailure(describe(error));
      setBusy(false);
    }
  };

  return (
    <Dialog title={`Delete «${scene.name}»?`} onClose={onClose}>
      <p>
        Its Gaussians, cameras, photos and masks{scene.model ? ', its trained model' : ''} and all its selections are removed from this
        service{scene.state === 'training' ? ', and its training is stopped' : ''}. This cannot be undone.
      </p>
      <p class="form-error" role="alert">{failure}</p>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>Keep it</button>
        <button type="button" class="button button-danger" disabled={isBusy} onClick={() => void confirm()}>Delete the scene</button>
      </div>
    </Dialog>
  );
}
