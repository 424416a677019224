import { compact, count } from '../shell/format';
import type { Workspace } from '../prompt/Workspace';
import type { Cluster } from './calls';
import './clusters.css';
import { clusterColor } from './palette';

/** More than anybody reads; what is smaller is found at a finer scale, or by a click. */
const mostRows = 200;

/** What there is at the chosen scale, largest first: pointing at a row lights it up, choosing it selects it. */
export function ClusterList({ workspace }: { workspace: Workspace }) {
  const { clusters } = workspace;
  if (workspace.mode.value !== 'clusters') {
    return null;
  }
  const found = clusters.found.value;
  return (
    <section aria-labelledby="clusters-title" aria-busy={clusters.busy.value}>
      <header class="prompt-head">
        <h2 id="clusters-title">Clusters</h2>
        <span class="hint" role="status">
          {clusters.busy.value ? 'Taking the scene apart…' : found && `${count(found.clusters.length)} at scale ${found.scale.toFixed(2)}`}
        </span>
      </header>
      {found && found.clusters.length === 0 && <p class="hint">Nothing is alike enough at this scale; move the scale slider.</p>}
      {found && (
        <ul class="cluster-list">
          {found.clusters.slice(0, mostRows).map((cluster) => <Row key={cluster.id} workspace={workspace} cluster={cluster} />)}
        </ul>
      )}
      {found && found.clusters.length > mostRows && <p class="hint">and {count(found.clusters.length - mostRows)} smaller ones</p>}
      {found && found.unassignedCount > 0 && <p class="hint">{count(found.unassignedCount)} Gaussians belong to none.</p>}
    </section>
  );
}

function Row({ workspace, cluster }: { workspace: Workspace; cluster: Cluster }) {
  const { clusters, session } = workspace;
  const color = clusterColor(cluster.id).map(Math.round).join(' ');
  const light = () => { clusters.lit.value = cluster.id; };
  const dim = () => { clusters.lit.value = null; };
  return (
    <li>
      <button type="button" class="cluster" title="As the selection: joined to what is lit, as chosen below"
        onPointerEnter={light} onPointerLeave={dim} onFocus={light} onBlur={dim}
        onClick={() => session.take(clusters.members(cluster.id))}>
        <span class="cluster-swatch" style={{ background: `rgb(${color})` }} aria-hidden="true" />
        <span class="cluster-name">Take cluster {cluster.id + 1}</span>{' '}
        <span class="hint">{compact(cluster.count)} Gaussians</span>
      </button>
    </li>
  );
}
