import type { AssetKind, Scene } from '../api/types';
import { bytes, plural } from '../shell/format';
import { Icon } from '../shell/Icon';
import type { Row, Uploading } from './upload/uploading';

const titles: Record<AssetKind, string> = { gaussians: 'Gaussians', cameras: 'Cameras', images: 'Photos', masks: 'Masks' };

/** What is said where nothing was found: what it would be, and what does not work without. */
const missing: Record<AssetKind, string> = {
  gaussians: 'Missing. A .ply, .splat, .spz or .sog of 3D Gaussian splatting; there is no scene without it.',
  cameras: 'None. cameras.json, transforms.json or COLMAP’s sparse/0; without, the scene is looked at from an orbit.',
  images: 'None. Photos are shown beside the views, and masks are made of them.',
  masks: 'None. SAM’s JSON, .npy, .pt or PNG label maps in a folder named masks; without, the service makes them.',
};

function already(kind: AssetKind, scene: Scene | undefined): string | undefined {
  const count = scene && { gaussians: scene.gaussianCount, cameras: scene.viewCount, masks: scene.maskCount, images: 0 }[kind];
  const unit = { gaussians: 'Gaussian', cameras: 'view', masks: 'mask', images: 'photo' }[kind];
  return count ? `The scene has ${plural(count, unit)}; another file replaces them.` : undefined;
}

/** One of the scene's four places: what goes there, or that nothing does, and how far it is. */
export function AssetRow({ kind, upload, has }: { kind: AssetKind; upload: Uploading; has: Scene | undefined }) {
  const candidates = upload.candidates.value[kind];
  const candidate = upload.candidateOf(kind);
  const row = upload.rows.value[kind];
  const present = already(kind, has);
  const isOptional = kind !== 'gaussians' || !!present;
  return (
    <li class={`asset-row asset-${row.state}`}>
      <span class={candidate ? 'asset-mark asset-mark-set' : isOptional ? 'asset-mark' : 'asset-mark asset-mark-missing'}>
        <Icon name={row.state === 'refused' ? 'warn' : candidate || present ? 'check' : isOptional ? 'plus' : 'warn'} />
      </span>
      <div class="asset-what">
        <h3>{titles[kind]}</h3>
        {candidates.length === 0 && <p class="muted">{present ?? missing[kind]}</p>}
        {candidates.length > 0 && (
          <select class="select" aria-label={`File for ${titles[kind].toLowerCase()}`} value={upload.chosen.value[kind]}
            disabled={upload.isRunning.value || row.state === 'done'}
            onChange={event => upload.choose(kind, Number(event.currentTarget.value))}>
            {candidates.map((other, i) => <option key={other.label} value={i}>{other.label} ({bytes(other.size)})</option>)}
            <option value={-1}>Leave out</option>
          </select>
        )}
        <Progress title={titles[kind]} row={row} />
      </div>
    </li>
  );
}

function Progress({ title, row }: { title: string; row: Row }) {
  if (row.state === 'sending' || row.state === 'interrupted' || row.state === 'checking') {
    const share = row.state === 'checking' ? 1 : row.sent / Math.max(1, row.total);
    const text = row.state === 'checking' ? 'Arrived, being checked' : `${bytes(row.sent)} of ${bytes(row.total)}`;
    return (
      <div class="asset-progress">
        <div class="progress" role="progressbar" aria-label={`${title}: upload`} aria-valuemin={0} aria-valuemax={100}
          aria-valuenow={Math.round(100 * share)} aria-valuetext={text}>
          <div style={{ width: `${100 * share}%` }} />
        </div>
        <span class="muted">{text}</span>
        <p role="status" class="muted">
          {row.state === 'interrupted' && 'The service does not answer. What has arrived is kept; trying again…'}
        </p>
      </div>
    );
  }

  return (
    <div aria-live="polite">
      {row.state === 'packing' && <p class="muted">Being packed</p>}
      {row.state === 'done' && <p class="asset-ok">Uploaded and checked</p>}
      {row.state === 'refused' && <p class="form-error">{row.why}</p>}
    </div>
  );
}
