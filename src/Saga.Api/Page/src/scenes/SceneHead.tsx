import type { Scene } from '../api/types';
import { plural } from '../shell/format';
import { Icon } from '../shell/Icon';
import { StateBadge } from './StateBadge';

export function SceneHead({ scene }: { scene: Scene }) {
  return (
    <div class="scene-head">
      <a class="icon-button" href="#/" aria-label="Back to the scenes"><Icon name="back" /></a>
      <h1>{scene.name}</h1>
      <StateBadge state={scene.state} />
      <p class="facts">
        <span>{plural(scene.gaussianCount, 'Gaussian')}</span>
        <span>{plural(scene.viewCount, 'view')}</span>
        <span>{plural(scene.maskCount, 'mask')}</span>
      </p>
    </div>
  );
}
