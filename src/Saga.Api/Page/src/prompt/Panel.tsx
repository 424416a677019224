import { ClusterList } from '../clusters/ClusterList';
import { ExportSection } from '../export/ExportDialog';
import { count } from '../shell/format';
import type { Combine } from '../viewer/Viewer';
import { WordSearch } from '../words/WordSearch';
import { CandidateStrip } from './CandidateStrip';
import { ScaleMarks } from './ScaleMarks';
import { SegmentList } from './SegmentList';
import { cosineOf, sliderStep } from './Session';
import { SurfaceEdits } from './SurfaceEdits';
import { editSelection } from './surfaceEdits';
import type { Workspace } from './Workspace';

const combinations: { combine: Combine; label: string; title: string }[] = [
  { combine: 'new', label: 'New', title: 'Start over' },
  { combine: 'add', label: 'Add', title: 'Keep what is lit and add what the next points match' },
  { combine: 'subtract', label: 'Subtract', title: 'Take away from what is lit what the next points match' },
  { combine: 'intersect', label: 'Intersect', title: 'Leave of what is lit only what the next points match' },
];

export function Panel({ workspace }: { workspace: Workspace }) {
  if (!workspace.scene.model) {
    return (
      <div class="prompt-panel">
        <p>Look around: drag to turn, right-drag to move, wheel to go closer.</p>
        <p>Train the scene to select objects in it by a click.</p>
      </div>
    );
  }
  return (
    <div class="prompt-panel">
      <Points workspace={workspace} />
      <WordSearch workspace={workspace} />
      <Granularity workspace={workspace} />
      <ClusterList workspace={workspace} />
      <Joining workspace={workspace} />
      <Numbers workspace={workspace} />
      <SegmentList workspace={workspace} />
      <ExportSection workspace={workspace} />
    </div>
  );
}

function Points({ workspace }: { workspace: Workspace }) {
  const { session, history, sign } = workspace;
  const { points } = session.state.value;
  return (
    <section aria-labelledby="points-title">
      <header class="prompt-head">
        <h2 id="points-title">Points</h2>
        <button type="button" class="button" disabled={history.undoLabel.value === null}
          title={history.undoLabel.value ? `Undo ${history.undoLabel.value} (Ctrl+Z)` : 'Nothing to undo'}
          onClick={() => void history.undo()}>Undo</button>
        <button type="button" class="button" disabled={history.redoLabel.value === null}
          title={history.redoLabel.value ? `Redo ${history.redoLabel.value} (Ctrl+Shift+Z)` : 'Nothing to redo'}
          onClick={() => void history.redo()}>Redo</button>
      </header>
      <div class="choices" role="group" aria-label="What the next points mean">
        <button type="button" class="choice" aria-pressed={sign.value} onClick={() => { sign.value = true; }}>+ Belongs</button>
        <button type="button" class="choice" aria-pressed={!sign.value} onClick={() => { sign.value = false; }}>− Does not</button>
      </div>
      {points.length === 0
        ? <p class="hint">Click an object in the picture. Shift+click what does not belong.</p>
        : (
          <ul class="point-list">
            {points.map((point, i) => (
              <li key={point.key} class={point.positive ? 'point-positive' : 'point-negative'}>
                <span>{point.positive ? '+' : '−'} {i + 1}</span>
                <button type="button" class="icon-button" aria-label={`Remove point ${i + 1}`}
                  onClick={() => session.removePoint(point.key)}>×</button>
              </li>
            ))}
          </ul>
        )}
    </section>
  );
}

function Granularity({ workspace }: { workspace: Workspace }) {
  const { session } = workspace;
  const { threshold } = session.state.value;
  const scale = session.scale.value;
  const step = (event: KeyboardEvent) => {
    const direction = { PageUp: 1, PageDown: -1 }[event.key] as 1 | -1 | undefined;
    if (direction && session.candidates.value.length > 0) {
      event.preventDefault();
      session.stepScale(direction);
    }
  };
  return (
    <section aria-label="Granularity">
      {/* A label would name its output, the first element in it that takes one. */}
      <div class="slider-with-marks">
        <label class="slider">
          <span>Scale <output>{scale.toFixed(2)}</output></span>
          <input type="range" aria-label="Scale" min="0" max="1" step={sliderStep} value={scale} onKeyDown={step}
            aria-valuetext={`${scale.toFixed(2)}, from parts to whole things`} title="Page Up and Page Down: to the next mark"
            onInput={(event) => session.change('scale', { scale: Number(event.currentTarget.value) }, 'scale')} />
        </label>
        <ScaleMarks session={session} />
        <span class="ends" aria-hidden="true"><span>part</span><span>whole</span></span>
      </div>
      <CandidateStrip workspace={workspace} />
      <label class="slider">
        <span>Threshold <output>{cosineOf(threshold).toFixed(3)}</output></span>
        <input type="range" aria-label="Threshold" min="1" max="255" step="1" value={threshold} aria-valuetext={`${cosineOf(threshold).toFixed(3)}`}
          onInput={(event) => session.change('threshold', { threshold: Number(event.currentTarget.value) }, 'threshold')} />
      </label>
      <label class="check">
        <input type="checkbox" checked={session.state.value.connected}
          onChange={(event) => session.change('connected only', { connected: event.currentTarget.checked })} />
        Connected to the points only
      </label>
    </section>
  );
}

function Joining({ workspace }: { workspace: Workspace }) {
  const { session } = workspace;
  return (
    <section aria-label="How selections join">
      <div class="choices" role="group" aria-label="How the next points join what is lit">
        {combinations.map(({ combine, label, title }) => (
          <button key={combine} type="button" class="choice" title={title} aria-pressed={session.state.value.combine === combine}
            onClick={() => session.combineNext(combine)}>{label}</button>
        ))}
      </div>
      <div class="actions">
        <button type="button" class="button" title="Ctrl+I" onClick={() => session.invert()}>Invert</button>
        <button type="button" class="button" title="F" onClick={() => workspace.frameSelection()}>Fly to it</button>
        <button type="button" class="button" title="Escape" onClick={() => session.clear()}>Clear</button>
      </div>
      <SurfaceEdits label="Change what is lit along surfaces" isDisabled={session.selectedCount.value === 0}
        act={(edit) => void editSelection(workspace, edit)} />
    </section>
  );
}

function Numbers({ workspace }: { workspace: Workspace }) {
  const { session } = workspace;
  const timing = session.timing.value;
  return (
    <section aria-label="Numbers" class="numbers">
      <p role="status" aria-busy={session.busy.value}>
        <strong>{count(session.selectedCount.value)}</strong> of {count(session.gaussianCount)} Gaussians
      </p>
      {timing && (
        <p class="hint" title="Where the time of the last request went">
          {timing.total.toFixed(0)} ms: {[...Object.entries(timing.stages), ['way', timing.network] as const]
            .map(([name, value]) => `${name} ${value.toFixed(1)}`).join(' · ')}
        </p>
      )}
      <button type="button" class="button button-primary" title="Enter" disabled={session.selectedCount.value === 0}
        onClick={() => void workspace.keep()}>Keep as segment</button>
    </section>
  );
}
