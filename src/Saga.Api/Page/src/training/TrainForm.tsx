import { useState } from 'preact/hooks';
import type { Scene, TrainPreset } from '../api/types';
import { Icon } from '../shell/Icon';

const presets: Record<TrainPreset, string> = {
  balanced: 'Balanced (best found)',
  paper: 'As in the paper',
};

interface TrainFormProps {
  scene: Scene;
  isAgain: boolean;
  isStarting: boolean;
  onStart: (preset: TrainPreset) => void;
  onAddFiles: () => void;
}

/** One button; what stands in its way is said beside it. */
export function TrainForm({ scene, isAgain, isStarting, onStart, onAddFiles }: TrainFormProps) {
  const [preset, setPreset] = useState<TrainPreset>('balanced');
  const lacking = lacks(scene);
  if (lacking) {
    return (
      <div class="train-form">
        <p class="muted">{lacking}</p>
        <button type="button" class="button button-primary" onClick={onAddFiles}><Icon name="plus" />Add files</button>
      </div>
    );
  }

  return (
    <div class="train-form">
      <select class="select" aria-label="Training preset" value={preset} onChange={event => setPreset(event.currentTarget.value as TrainPreset)}>
        {Object.entries(presets).map(([value, words]) => <option key={value} value={value}>{words}</option>)}
      </select>
      <button type="button" class={isAgain ? 'button' : 'button button-primary'} disabled={isStarting} onClick={() => onStart(preset)}>
        <Icon name="play" />{isAgain ? 'Train again' : 'Train'}
      </button>
      {scene.maskCount === 0 && <p class="muted">The service makes the masks.</p>}
    </div>
  );
}

function lacks(scene: Scene): string | undefined {
  return scene.gaussianCount === 0 ? 'To train it, the scene still needs Gaussians.' : undefined;
}
