import { useState } from 'preact/hooks';
import type { Workspace } from '../prompt/Workspace';
import { Dialog } from '../shell/Dialog';
import { count } from '../shell/format';
import { formats, formatsFor, settle, type FileChoice, type Labels, type Part } from './files';
import './export.css';

const parts: readonly { part: Part; label: string }[] = [
  { part: 'selected', label: 'The selection' },
  { part: 'rest', label: 'Everything else' },
  { part: 'all', label: 'The whole scene' },
];

const labelWords: Record<Labels, string> = {
  none: 'none', column: 'of the kept segments, as a column', sidecar: 'of the kept segments, in files beside it',
};

let lastChoice: FileChoice = { format: formats[0]!, part: 'selected', version: 4, labels: 'column' };

/** The button in the panel, and the dialog that it opens. */
export function ExportSection({ workspace }: { workspace: Workspace }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <section aria-labelledby="export-title">
      <h2 id="export-title">Files</h2>
      <div class="actions">
        <button type="button" class="button" onClick={() => setOpen(true)}>Export…</button>
      </div>
      {isOpen && <ExportDialog workspace={workspace} onClose={() => setOpen(false)} />}
    </section>
  );
}

/** What goes into the file, and which kind of file it is. */
function ExportDialog({ workspace, onClose }: { workspace: Workspace; onClose: () => void }) {
  const { selectedCount, gaussianCount } = workspace.session;
  const offer = {
    hasSelection: selectedCount.value > 0, hasViews: workspace.views.length > 0, hasSegments: workspace.segments.list.value.length > 0,
  };
  const [choice, setChoice] = useState(() => settle(lastChoice, offer));
  const isBusy = workspace.exporting.value;
  const inIt = { selected: selectedCount.value, rest: gaussianCount - selectedCount.value, all: gaussianCount }[choice.part];
  const change = (next: Partial<FileChoice>) => {
    lastChoice = settle({ ...choice, ...next }, offer);
    setChoice(lastChoice);
  };
  const save = async () => {
    if (await workspace.export(choice)) {
      onClose();
    }
  };
  return (
    <Dialog title="Export" onClose={onClose} isBusy={isBusy} wide>
      <form class="export" onSubmit={(event) => { event.preventDefault(); void save(); }}>
        <fieldset disabled={isBusy}>
          <legend>What</legend>
          <div class="export-parts">
            {parts.map(({ part, label }) => (
              <label key={part} class="check">
                <input type="radio" name="part" checked={choice.part === part} disabled={part !== 'all' && !offer.hasSelection}
                  onChange={() => change({ part })} />
                {label}
              </label>
            ))}
          </div>
        </fieldset>
        <fieldset disabled={isBusy}>
          <legend>As</legend>
          <div class="export-formats">
            {formatsFor(choice.part, offer.hasViews).map((format) => (
              <label key={format.id} class="export-format">
                <input type="radio" name="format" checked={choice.format.id === format.id} onChange={() => change({ format })} />
                <span><span>{format.label}</span><span class="hint">{format.words}</span></span>
              </label>
            ))}
          </div>
        </fieldset>
        {choice.format.versions && (
          <label class="export-more">Version
            <select class="select" value={choice.version} disabled={isBusy}
              onChange={(event) => change({ version: Number(event.currentTarget.value) })}>
              {choice.format.versions.map((version) => <option key={version} value={version}>{version}</option>)}
            </select>
          </label>
        )}
        {choice.part === 'all' && offer.hasSegments && (
          <label class="export-more">Labels
            <select class="select" value={choice.labels} disabled={isBusy}
              onChange={(event) => change({ labels: event.currentTarget.value as Labels })}>
              {(Object.keys(labelWords) as Labels[]).filter((labels) => labels !== 'column' || choice.format.id === 'ply')
                .map((labels) => <option key={labels} value={labels}>{labelWords[labels]}</option>)}
            </select>
          </label>
        )}
        <div class="dialog-actions">
          <p class="export-count hint" role="status">{count(inIt)} Gaussians</p>
          <button type="button" class="button" disabled={isBusy} onClick={onClose}>Cancel</button>
          <button type="submit" class="button button-primary" disabled={isBusy || inIt === 0} aria-busy={isBusy}>
            {isBusy ? 'Preparing…' : 'Save file'}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
