import { useState } from 'preact/hooks';
import { scenes as api } from '../api/client';
import type { Scene } from '../api/types';
import { compact, plural, time } from '../shell/format';
import { Icon } from '../shell/Icon';
import { KeyedImage } from '../shell/KeyedImage';
import { sceneHash } from '../shell/router';
import { StateBadge } from './StateBadge';

const thumbnailWidth = 240;

export function SceneCard({ scene, onDelete }: { scene: Scene; onDelete: () => void }) {
  return (
    <li class="card">
      <Thumbnail scene={scene} />
      <div class="card-body">
        <div class="card-title">
          <h2 title={scene.name}><a class="card-link" href={sceneHash(scene.id)}>{scene.name}</a></h2>
          <StateBadge state={scene.state} />
        </div>
        <p class="facts">
          <span title={plural(scene.gaussianCount, 'Gaussian')}>{compact(scene.gaussianCount)} Gaussians</span>
          <span>{plural(scene.viewCount, 'view')}</span>
          <span>{scene.maskCount > 0 ? plural(scene.maskCount, 'mask') : 'masks by the service'}</span>
        </p>
        <div class="card-foot">
          <time dateTime={scene.createdAt}>{time(scene.createdAt)}</time>
          <button type="button" class="icon-button" aria-label={`Delete ${scene.name}`} title="Delete" onClick={onDelete}>
            <Icon name="trash" />
          </button>
        </div>
      </div>
    </li>
  );
}

/** The scene's first view, where it has views; drawn by the service. */
function Thumbnail({ scene }: { scene: Scene }) {
  const [hasFailed, setFailed] = useState(false);
  const canShow = scene.viewCount > 0 && scene.gaussianCount > 0 && !hasFailed;
  return (
    <div class="card-picture">
      {canShow
        ? <KeyedImage src={api.thumbnailUrl(scene.id, thumbnailWidth)} alt="" onError={() => setFailed(true)} />
        : (
          <svg viewBox="0 0 32 20" aria-hidden="true" fill="currentColor">
            <ellipse cx="12" cy="12" rx="9" ry="5" transform="rotate(-24 12 12)" opacity=".5" />
            <ellipse cx="20" cy="8" rx="8" ry="4.5" transform="rotate(20 20 8)" />
          </svg>
        )}
    </div>
  );
}
