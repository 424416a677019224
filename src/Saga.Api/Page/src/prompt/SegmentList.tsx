import { useSignal } from '@preact/signals';
import { Icon } from '../shell/Icon';
import { compact } from '../shell/format';
import type { Segment } from './Segments';
import { SurfaceEdits } from './SurfaceEdits';
import type { Workspace } from './Workspace';

/** The kept segments: named, coloured, hidden, taken up again, combined, deleted. */
export function SegmentList({ workspace }: { workspace: Workspace }) {
  const { segments } = workspace;
  const marked = useSignal<ReadonlySet<number>>(new Set());
  const keys = segments.list.value.filter((segment) => marked.value.has(segment.key)).map((segment) => segment.key);
  const toggle = (key: number) => {
    const next = new Set(marked.value);
    next.delete(key) || next.add(key);
    marked.value = next;
  };
  return (
    <section aria-labelledby="segments-title">
      <header class="prompt-head">
        <h2 id="segments-title">Segments</h2>
        {keys.length > 1 && (
          <button type="button" class="button" onClick={() => { void segments.combine(keys); marked.value = new Set(); }}>
            Combine {keys.length}
          </button>
        )}
      </header>
      {keys.length > 0 && (
        <SurfaceEdits label="Change the marked segments along surfaces" isDisabled={false}
          act={(edit) => keys.forEach((key) => void segments.edit(key, edit))} />
      )}
      {segments.list.value.length === 0 && <p class="hint">What you keep is listed here, and stays on the server.</p>}
      <ul class="segment-list">
        {segments.list.value.map((segment) => (
          <Row key={segment.key} workspace={workspace} segment={segment} isMarked={marked.value.has(segment.key)}
            toggle={() => toggle(segment.key)} />
        ))}
      </ul>
    </section>
  );
}

function Row({ workspace, segment, isMarked, toggle }: {
  workspace: Workspace; segment: Segment; isMarked: boolean; toggle: () => void;
}) {
  const { segments, session } = workspace;
  const { key, name, color, hidden, count, members } = segment;
  return (
    <li class={hidden ? 'segment segment-hidden' : 'segment'}>
      <input type="checkbox" checked={isMarked} onChange={toggle} aria-label={`Mark ${name} for combining`} />
      <input type="color" value={color} aria-label={`Colour of ${name}`}
        onChange={(event) => void segments.change(key, { color: event.currentTarget.value })} />
      <input class="segment-name" value={name} aria-label={`Name of ${name}`} maxLength={200}
        onChange={(event) => {
          const wanted = event.currentTarget.value.trim();
          if (wanted && wanted !== name) {
            void segments.change(key, { name: wanted });
          } else {
            event.currentTarget.value = name;
          }
        }} />
      <span class="hint">{compact(count)}</span>
      <button type="button" class="button segment-take" title="Join it to what is lit, as chosen above" aria-label={`Take ${name}`}
        onClick={() => session.take(members)}>Take</button>
      <button type="button" class="icon-button" aria-label={`${hidden ? 'Show' : 'Hide'} ${name}`} title={hidden ? 'Show' : 'Hide'}
        onClick={() => void segments.change(key, { hidden: !hidden })}><Icon name={hidden ? 'hidden' : 'eye'} /></button>
      <button type="button" class="icon-button" aria-label={`Delete ${name}`} onClick={() => void segments.delete(key)}>
        <Icon name="trash" />
      </button>
    </li>
  );
}
