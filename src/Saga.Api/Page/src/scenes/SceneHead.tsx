import type { Problem, Scene } from '../api/types';
import { plural } from '../shell/format';
import { Icon } from '../shell/Icon';
import { StateBadge } from './StateBadge';

/** What the service left out of the files, behind a mark. */
function Problems({ problems }: { problems: Problem[] }) {
  return (
    <details class="problems">
      <summary class="badge badge-warn"><Icon name="warn" />{plural(problems.length, 'note')}</summary>
      <ul>{problems.map(problem => <li key={problem.detail}>{problem.detail}</li>)}</ul>
    </details>
  );
}

export function SceneHead({ scene, onAddFiles }: { scene: Scene; onAddFiles: () => void }) {
  return (
    <div class="scene-head">
      <a class="icon-button" href="#/" aria-label="Back to the scenes"><Icon name="back" /></a>
      <h1>{scene.name}</h1>
      <StateBadge state={scene.state} />
      <p class="facts">
        <span>{plural(scene.gaussianCount, 'Gaussian')}</span>
        <span>{plural(scene.viewCount, 'view')}</span>
        <span>{scene.maskCount > 0 ? plural(scene.maskCount, 'mask') : 'masks by the service'}</span>
      </p>
      {scene.problems.length > 0 && <Problems problems={scene.problems} />}
      <button type="button" class="icon-button" aria-label="Add or replace files" title="Add or replace files" onClick={onAddFiles}>
        <Icon name="upload" />
      </button>
    </div>
  );
}
