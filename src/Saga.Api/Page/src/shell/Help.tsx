import { signal } from '@preact/signals';
import { Dialog } from './Dialog';
import { keyGroups, registerKeys } from './keys';

const open = signal(false);

export const showHelp = () => {
  open.value = true;
};

registerKeys('Everywhere', [
  { key: '?', does: 'Show these keys', run: showHelp },
  { key: 'Esc', does: 'Close a dialog' },
]);

/** The keyboard help: everything that features registered. */
export function Help() {
  if (!open.value) {
    return null;
  }

  return (
    <Dialog title="Keyboard" onClose={() => { open.value = false; }}>
      {keyGroups.value.map(group => (
        <section class="keys" key={group.title}>
          <h3>{group.title}</h3>
          <dl>
            {group.keys.map(({ key, does }) => (
              <div key={key}>
                <dt>{key.split('+').map(part => <kbd key={part}>{part}</kbd>)}</dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Dialog>
  );
}
