import type { ExportKind, Workspace } from './Workspace';

const kinds: { kind: ExportKind; label: string; title: string }[] = [
  { kind: 'object.ply', label: 'Object .ply', title: 'The selected Gaussians, as they were uploaded' },
  { kind: 'rest.ply', label: 'Rest .ply', title: 'The scene without the selected Gaussians' },
  { kind: 'mask.bin', label: 'Bit mask', title: 'One bit per Gaussian of the uploaded file, least significant first' },
  { kind: 'indices.txt', label: 'Indices', title: 'Numbers of the selected Gaussians in the uploaded file, one a line' },
  { kind: 'masks.zip', label: '2D masks', title: 'The selection in each view of the capture, as PNG files in a zip' },
];

export function ExportSection({ workspace }: { workspace: Workspace }) {
  const isEmpty = workspace.session.selectedCount.value === 0;
  const running = workspace.exporting.value;
  return (
    <section aria-labelledby="export-title">
      <h2 id="export-title">Export the selection</h2>
      <div class="actions">
        {kinds.filter(({ kind }) => kind !== 'masks.zip' || workspace.views.length > 0).map(({ kind, label, title }) => (
          <button key={kind} type="button" class="button" title={title} disabled={isEmpty || running !== null}
            aria-busy={running === kind} onClick={() => void workspace.export(kind)}>{running === kind ? 'Preparing…' : label}</button>
        ))}
      </div>
    </section>
  );
}
