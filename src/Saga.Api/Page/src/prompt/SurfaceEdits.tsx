import { surfaceEdits, type SurfaceEdit } from './surfaceEdits';

/** Grow, shrink, largest piece, floaters: of what is lit, or of marked segments. */
export function SurfaceEdits({ label, isDisabled, act }: { label: string; isDisabled: boolean; act: (edit: SurfaceEdit) => void }) {
  return (
    <div class="actions" role="group" aria-label={label}>
      {surfaceEdits.map((edit) => (
        <button key={edit.label} type="button" class="button" title={edit.title} disabled={isDisabled} onClick={() => act(edit)}>
          {edit.label}
        </button>
      ))}
    </div>
  );
}
