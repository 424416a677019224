import { useState } from 'preact/hooks';
import type { Scene } from '../api/types';
import { Dialog } from '../shell/Dialog';
import { showError, showInfo } from '../shell/toasts';
import { deleteScene } from './store';

export function DeleteDialog({ scene, onClose }: { scene: Scene; onClose: () => void }) {
  const [isBusy, setBusy] = useState(false);
  const confirm = async () => {
    setBusy(true);
    try {
      await deleteScene(scene);
      showInfo(`«${scene.name}» is deleted.`);
      onClose();
    } catch (error) {
      showError(error);
      setBusy(false);
    }
  };

  return (
    <Dialog title={`Delete «${scene.name}»?`} onClose={onClose}>
      <p>
        Its Gaussians, cameras, photos and masks{scene.model ? ', its trained model' : ''} and all its selections are removed from this
        service{scene.state === 'training' ? ', and its training is stopped' : ''}. This cannot be undone.
      </p>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>Keep it</button>
        <button type="button" class="button button-danger" disabled={isBusy} onClick={() => void confirm()}>Delete the scene</button>
      </div>
    </Dialog>
  );
}
